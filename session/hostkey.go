package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

	"github.com/gofrs/flock"
	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// lockPin is how long a pin waits for another program that pins.
const lockPin = 5 * time.Second

// hostKeys checks host keys against one known_hosts file, and pins the first
// that a host shows, as OpenSSH's accept-new does.
type hostKeys struct {
	file string
}

// database reads the file; one that does not exist pins nothing.
func (h hostKeys) database() (*knownhosts.HostKeyDB, error) {
	if _, err := os.Stat(h.file); errors.Is(err, fs.ErrNotExist) {
		return knownhosts.NewDB()
	}
	db, err := knownhosts.NewDB(h.file)
	if err != nil {
		return nil, fmt.Errorf("read pinned host keys: %w", err)
	}
	return db, nil
}

// algorithms are those to ask a host for: the types that are pinned for it,
// or all, ed25519 first, where none is. Without this a host with several keys
// may show one of another type than the pinned, which would look like a change.
func (h hostKeys) algorithms(address string) ([]string, error) {
	db, err := h.database()
	if err != nil {
		return nil, err
	}
	if pinned := db.HostKeyAlgorithms(address); len(pinned) > 0 {
		return pinned, nil
	}
	algorithms := []string{ssh.KeyAlgoED25519}
	for _, a := range ssh.SupportedAlgorithms().HostKeys {
		if a != ssh.KeyAlgoED25519 {
			algorithms = append(algorithms, a)
		}
	}
	return algorithms, nil
}

// check is an ssh.HostKeyCallback.
func (h hostKeys) check(address string, remote net.Addr, key ssh.PublicKey) error {
	db, err := h.database()
	if err != nil {
		return err
	}
	err = db.HostKeyCallback()(address, remote, key)
	if !knownhosts.IsHostUnknown(err) {
		return h.explain(address, key, err)
	}
	return h.pin(address, remote, key)
}

// pin appends the key, unless another program pinned one meanwhile: then that
// one decides.
func (h hostKeys) pin(address string, remote net.Addr, key ssh.PublicKey) error {
	lock := flock.New(h.file, flock.SetFlag(os.O_RDWR|os.O_CREATE|os.O_APPEND), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), lockPin)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("pin the host key of %s: %w", address, err)
	}
	defer lock.Close()
	db, err := h.database()
	if err != nil {
		return err
	}
	err = db.HostKeyCallback()(address, remote, key)
	if !knownhosts.IsHostUnknown(err) {
		return h.explain(address, key, err)
	}
	f, err := os.OpenFile(h.file, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("pin the host key of %s: %w", address, err)
	}
	line := knownhosts.Line([]string{knownhosts.Normalize(address)}, key) + "\n"
	_, err = f.WriteString(line)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("pin the host key of %s: %w", address, err)
	}
	return nil
}

// explain turns a mismatch into an error that has both fingerprints.
func (h hostKeys) explain(address string, key ssh.PublicKey, err error) error {
	var mismatch *xknownhosts.KeyError
	if !errors.As(err, &mismatch) || len(mismatch.Want) == 0 {
		return err
	}
	changed := &HostKeyChangedError{Host: address, Offered: fingerprint(key), File: h.file}
	for _, known := range mismatch.Want {
		changed.Pinned = append(changed.Pinned, fingerprint(known.Key))
	}
	return changed
}

func fingerprint(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }
