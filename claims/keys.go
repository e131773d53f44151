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

// KeyPair is a new key pair that is on no disk yet.
type KeyPair struct {
	Public  string // as Key has it
	private []byte
}

// NewKeyPair makes the key pair of a lease as ssh-keygen makes it: ed25519,
// OpenSSH format, no passphrase, with crabbox's comment.
func NewKeyPair(id string) (KeyPair, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	comment := "crabbox " + id
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	return KeyPair{
		Public:  strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " " + comment,
		private: pem.EncodeToMemory(block),
	}, nil
}

// CreateKey implements Keyring. The public half is written first, so that a
// private key never stands there without it after a crash.
func (s *FileStore) CreateKey(ctx context.Context, id string, pair KeyPair) (Key, error) {
	if !ValidID(id) {
		return Key{}, fmt.Errorf("key of lease %q: %w", id, ErrInvalidID)
	}
	k := s.keyPaths(id)
	if _, err := os.Stat(k.PrivatePath); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = errors.New("there is one already")
		}
		return Key{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	if err := s.writeKey(id, k, pair); err != nil {
		return Key{}, fmt.Errorf("make the key of lease %s: %w", id, err)
	}
	return s.Key(ctx, id)
}

func (s *FileStore) writeKey(id string, k Key, pair KeyPair) error {
	if err := s.makeDurable(s.keyFolder(id)); err != nil {
		return err
	}
	if err := s.writeDurable(k.PublicPath, []byte(pair.Public+"\n")); err != nil {
		return err
	}
	if err := os.Chmod(k.PublicPath, 0o644); err != nil {
		return err
	}
	return s.writeDurable(k.PrivatePath, pair.private)
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
