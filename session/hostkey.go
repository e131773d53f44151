package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// maxKnownHosts bounds the file read at every connection; a lease pins a
// handful of keys.
const maxKnownHosts = 1 << 20

// lockRetry is how often a held known_hosts lock is tried again. It is held
// for one read and one append.
const lockRetry = 5 * time.Millisecond

// pins is a lease's known_hosts file as it was when read.
type pins struct {
	file string
	db   *knownhosts.HostKeyDB // nil: no file yet
}

// loadPins reads a known_hosts file. A missing one has no pins; one that
// cannot be read or parsed is an error, for to ignore it would be to trust
// anything.
func loadPins(file string) (pins, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return pins{file: file}, nil
	case err != nil:
		return pins{}, fmt.Errorf("read known hosts: %w", err)
	case !info.Mode().IsRegular():
		return pins{}, fmt.Errorf("read known hosts: %s is not a regular file", file)
	case info.Size() > maxKnownHosts:
		return pins{}, fmt.Errorf("read known hosts: %s is larger than %d bytes", file, maxKnownHosts)
	}
	db, err := knownhosts.NewDB(file)
	if err != nil {
		return pins{}, fmt.Errorf("read known hosts: %w", err)
	}
	return pins{file: file, db: db}, nil
}

// algorithms to offer for a host key: the pinned types first, so that a server
// with several keys shows the one that is pinned; then the rest, so that a
// server which lost the pinned type is seen as changed and not as one without
// a common algorithm. ed25519 leads for a host not yet pinned, as in OpenSSH.
func (p pins) algorithms(address string) []string {
	supported := ssh.SupportedAlgorithms().HostKeys
	var order []string
	add := func(algo string) {
		if slices.Contains(supported, algo) && !slices.Contains(order, algo) {
			order = append(order, algo)
		}
	}
	if p.db != nil {
		for _, algo := range p.db.HostKeyAlgorithms(address) {
			add(algo)
		}
	}
	add(ssh.KeyAlgoED25519)
	for _, algo := range supported {
		// A certificate is of use only where its authority is pinned.
		if !strings.Contains(algo, "-cert-") {
			add(algo)
		}
	}
	return order
}

// check says whether the key is pinned. known is false for a host without
// pins; any error is final.
func (p pins) check(address string, key ssh.PublicKey) (known bool, err error) {
	if p.db == nil {
		return false, nil
	}
	// Hosts are looked up by name and port alone: what a connection calls its
	// far end depends on the dialer.
	err = p.db.HostKeyCallback()(address, &net.TCPAddr{IP: net.IPv4zero}, key)
	var keyErr *xknownhosts.KeyError
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &keyErr) && len(keyErr.Want) == 0:
		return false, nil
	case errors.As(err, &keyErr):
		changed := &HostKeyChangedError{
			Host: knownhosts.Normalize(address), Offered: fingerprint(key), File: p.file,
		}
		for _, want := range keyErr.Want {
			changed.Pinned = append(changed.Pinned, fingerprint(want.Key))
		}
		return false, changed
	default: // revoked, or a certificate that is not valid for this host
		return false, fmt.Errorf("%s offered for %s: %w", fingerprint(key), address, err)
	}
}

// pin trusts a key on first use: it appends it to the file under a lock, after
// a second look, so that of two connections that race one pins and the other
// is checked against that pin.
func pin(ctx context.Context, file, address string, key ssh.PublicKey) error {
	lock := flock.New(lockFile(file), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockRetry); err != nil {
		return fmt.Errorf("lock known hosts %s: %w", file, err)
	}
	defer lock.Close()

	now, err := loadPins(file)
	if err != nil {
		return err
	}
	if known, err := now.check(address, key); known || err != nil {
		return err
	}
	if err := appendLine(file, knownhosts.Line([]string{address}, key)); err != nil {
		return fmt.Errorf("pin host key of %s: %w", address, err)
	}
	return nil
}

// appendLine adds a line in one write, as OpenSSH's accept-new does, which may
// be appending to the same file without our lock.
func appendLine(file, line string) (err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if n := info.Size(); n > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, n-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		return err
	}
	// A pin lost to a crash would be trust on first use a second time.
	return f.Sync()
}

func fingerprint(key ssh.PublicKey) string {
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}
