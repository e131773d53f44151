package boxsim

import (
	"errors"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// errNotYet is what a key gets that is not installed.
var errNotYet = errors.New("key not accepted")

// maxSessions is OpenSSH's default.
const maxSessions = 10

// serve speaks SSH on one connection to the box, until it ends.
func (b *Box) serve(w *wire) {
	b.serveAs(w, b.signer(), func(key ssh.PublicKey) *Box {
		if sameKey(key, b.key) {
			return b
		}
		return nil
	})
}

// acceptShared serves the one address that all boxes share.
func (h *Host) acceptShared(l net.Listener, key hostKey) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		w := newWire(conn)
		go func() {
			defer w.Close()
			serveAs(w, key.signer, h, func(key ssh.PublicKey) *Box {
				b := h.byKey(key)
				if b == nil || !b.adopt(w) {
					return nil
				}
				return b
			})
			if b := w.box.Load(); b != nil {
				b.release(w)
			}
		}()
	}
}

func (b *Box) serveAs(w *wire, signer ssh.Signer, whose func(ssh.PublicKey) *Box) {
	serveAs(w, signer, b.host, whose)
}

// serveAs runs the server's side of a connection. whose finds the box that a
// key belongs to.
func serveAs(w *wire, signer ssh.Signer, h *Host, whose func(ssh.PublicKey) *Box) {
	config := &ssh.ServerConfig{
		MaxAuthTries:  6,
		ServerVersion: "SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5",
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			b := whose(key)
			if b == nil || meta.User() != h.user || b.state().phase != PhaseUp {
				return nil, errNotYet
			}
			return &ssh.Permissions{ExtraData: map[any]any{boxKey{}: b}}, nil
		},
	}
	config.AddHostKey(signer)
	conn, channels, requests, err := ssh.NewServerConn(w, config)
	if err != nil {
		return
	}
	defer conn.Close()
	b, ok := conn.Permissions.ExtraData[boxKey{}].(*Box)
	if !ok {
		return
	}
	// As OpenSSH does, every global request gets a no: that is an answer too.
	go ssh.DiscardRequests(requests)
	var sessions sync.WaitGroup
	defer sessions.Wait()
	free := make(chan struct{}, maxSessions)
	for c := range channels {
		switch c.ChannelType() {
		case "session":
			select {
			case free <- struct{}{}:
			default:
				_ = c.Reject(ssh.ConnectionFailed, "open failed")
				continue
			}
			sessions.Add(1)
			go func() {
				defer sessions.Done()
				defer func() { <-free }()
				b.session(c)
			}()
		case "direct-tcpip":
			sessions.Add(1)
			go func() {
				defer sessions.Done()
				forward(c)
			}()
		default:
			_ = c.Reject(ssh.UnknownChannelType, "unknown channel type")
		}
	}
}

// boxKey finds the box in a connection's permissions.
type boxKey struct{}

// forward connects a direct-tcpip channel (RFC 4254, 7.2), to loopback only: a
// box simulated here has no other network of its own.
func forward(c ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(c.ExtraData(), &to); err != nil {
		_ = c.Reject(ssh.ConnectionFailed, "malformed request")
		return
	}
	host := to.Host
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		_ = c.Reject(ssh.Prohibited, "only loopback can be reached from a simulated box")
		return
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.FormatUint(uint64(to.Port), 10)))
	if err != nil {
		_ = c.Reject(ssh.ConnectionFailed, "connect failed")
		return
	}
	defer conn.Close()
	channel, requests, err := c.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	go ssh.DiscardRequests(requests)
	both(channel, conn.(*net.TCPConn))
}
