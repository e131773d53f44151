package claims

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

func (s *FileStore) keyFolder(id string) string { return filepath.Join(s.keys, id) }

func (s *FileStore) keyPaths(id string) Key {
	private := filepath.Join(s.keyFolder(id), "id_ed25519")
	return Key{
		PrivatePath:    private,
		PublicPath:     private + ".pub",
		KnownHostsPath: filepath.Join(s.keyFolder(id), "known_hosts"),
	}
}

// Key implements Keyring.
func (s *FileStore) Key(_ context.Context, id string) (Key, error) {
	if !ValidID(id) {
		return Key{}, fmt.Errorf("key of lease %q: %w", id, ErrInvalidID)
	}
	k := s.keyPaths(id)
	if _, err := os.Stat(k.PrivatePath); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return Key{}, fmt.Errorf("key of lease %s: %w", id, ErrNotExist)
		}
		return Key{}, fmt.Errorf("key of lease %s: %w", id, err)
	}
	f, err := os.Open(k.PublicPath)
	if err != nil {
		return Key{}, fmt.Errorf("public key of lease %s: %w", id, err)
	}
	defer f.Close()
	text, err := readAll(f)
	if err != nil {
		return Key{}, fmt.Errorf("public key of lease %s: %w", id, err)
	}
	k.Public = strings.TrimSpace(string(text))
	return k, nil
}

// CreateKey implements Keyring. The pair is as ssh-keygen makes it: ed25519,
// OpenSSH format, no passphrase. The public half is written first, so that a
// private key never stands there without it after a crash.
func (s *FileStore) CreateKey(ctx context.Context, id string) (Key, error) {
	if !ValidID(id) {
		return Key{}, fmt.Errorf("key of lease %q: %w", id, ErrInvalidID)
	}
	k := s.keyPaths(id)
	_, err := os.Stat(k.PrivatePath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = s.generateKey(id, k)
	case err == nil:
		err = s.restorePublic(id, k)
	}
	if err != nil {
		return Key{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	return s.Key(ctx, id)
}

func (s *FileStore) generateKey(id string, k Key) error {
	if err := s.makeDurable(s.keyFolder(id)); err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	comment := "crabbox " + id
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return err
	}
	if err := s.writePublic(k, public, comment); err != nil {
		return err
	}
	return s.writeDurable(k.PrivatePath, pem.EncodeToMemory(block))
}

func (s *FileStore) writePublic(k Key, public ed25519.PublicKey, comment string) error {
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return err
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " " + comment + "\n"
	if err := s.writeDurable(k.PublicPath, []byte(line)); err != nil {
		return err
	}
	return os.Chmod(k.PublicPath, 0o644)
}

// restorePublic rebuilds a public key that is missing beside its private one.
func (s *FileStore) restorePublic(id string, k Key) error {
	if _, err := os.Stat(k.PublicPath); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := os.ReadFile(k.PrivatePath)
	if err != nil {
		return err
	}
	parsed, err := ssh.ParseRawPrivateKey(text)
	if err != nil {
		return err
	}
	private, ok := parsed.(*ed25519.PrivateKey)
	if !ok {
		return errors.New("the private key there is not ed25519")
	}
	public, ok := private.Public().(ed25519.PublicKey)
	if !ok {
		return errors.New("the private key there is not ed25519")
	}
	return s.writePublic(k, public, "crabbox "+id)
}

// removeKey removes a lease's key folder for good.
func (s *FileStore) removeKey(id string) error {
	if err := s.files.RemoveAll(s.keyFolder(id)); err != nil {
		return err
	}
	for dir := s.keys; ; dir = filepath.Dir(dir) {
		err := s.files.SyncDir(dir)
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return err
		}
	}
}
