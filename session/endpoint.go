package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Endpoint is one sshd and what to log in to it with.
type Endpoint struct {
	Host       string
	Port       int
	User       string
	KeyFile    string // private key, OpenSSH format
	KnownHosts string // the lease's own file; created 0600 when a key is pinned
	// Agent is the Unix socket of an ssh-agent whose keys may log in as well, at
	// most 5 of them, after KeyFile's. Empty: none is asked, which is how a rented
	// box is kept from learning which keys there are.
	Agent string
	// Lend is the socket of an ssh-agent that programs on the box may use, and
	// not change, while the connection lives. Whoever is root there may too.
	// Empty: none is forwarded.
	Lend string
}

// Size of a terminal, in cells.
type Size struct{ Cols, Rows int }

// DialFunc opens a TCP connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Address is host:port, as dialled and looked up in known_hosts. OpenSSH looks names up in known_hosts in lower case.
func (e Endpoint) Address() string {
	return net.JoinHostPort(strings.ToLower(e.Host), strconv.Itoa(e.Port))
}

// maxKeyFile is far above any private key; it keeps a wrong path from being
// read whole.
const maxKeyFile = 64 << 10

// signer reads the endpoint's private key. No password and no other key of the
// user's is ever offered, but those of an agent that the endpoint names.
func (e Endpoint) signer() (ssh.Signer, error) {
	f, err := os.Open(e.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read the lease's key: %w", err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read the lease's key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		var locked *ssh.PassphraseMissingError
		if errors.As(err, &locked) {
			return nil, fmt.Errorf("the key %s has a passphrase, which is not supported", e.KeyFile)
		}
		return nil, fmt.Errorf("parse the lease's key %s: %w", e.KeyFile, err)
	}
	return signer, nil
}
