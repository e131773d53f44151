package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	// agentAnswer bounds how long an agent may take to say which keys it holds.
	agentAnswer = 3 * time.Second
	// agentKeys bounds how many keys of an agent are offered: sshd counts each as
	// a try, and takes 6 by default (MaxAuthTries), of which one is the lease's.
	agentKeys = 5
	// agentChannel is what a box opens to ask a forwarded agent (RFC draft
	// miller-ssh-agent, 4.2), and agentRequest how it is told that it may.
	agentChannel = "auth-agent@openssh.com"
	agentRequest = "auth-agent-req@openssh.com"
)

// dialAgent connects to the agent behind a Unix socket.
func dialAgent(ctx context.Context, socket string) (net.Conn, agent.ExtendedAgent, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("reach the ssh-agent: %w", err)
	}
	return conn, agent.NewClient(conn), nil
}

// signers are what may log in: the lease's key, and then an agent's, if the
// endpoint names one. done is to be called when the login is over. A lease
// without a key of its own can do with an agent's, and an agent that does not
// answer with the lease's key.
func (e Endpoint) signers(ctx context.Context) (all []ssh.Signer, done func(), err error) {
	done = func() {}
	own, err := e.signer()
	if err == nil {
		all = append(all, own)
	}
	if e.Agent == "" {
		return all, done, err
	}
	conn, keys, agentErr := dialAgent(ctx, e.Agent)
	if agentErr != nil {
		return all, done, err
	}
	conn.SetDeadline(time.Now().Add(agentAnswer))
	held, agentErr := keys.Signers()
	if agentErr != nil || len(held) == 0 {
		conn.Close()
		return all, done, err
	}
	// A person may have to confirm each use, which takes as long as the login may.
	conn.SetDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return append(all, held[:min(len(held), agentKeys)]...), func() { stop(); conn.Close() }, nil
}

// lend lets programs on the box use the agent behind socket, for as long as the
// connection lives. A box that was not told so cannot ask.
func (c *Client) lend(socket string) {
	asked := c.ssh.HandleChannelOpen(agentChannel)
	c.lends = true
	go func() {
		for request := range asked {
			channel, requests, err := request.Accept()
			if err != nil {
				continue
			}
			go ssh.DiscardRequests(requests)
			go func() {
				defer channel.Close()
				conn, keys, err := dialAgent(context.Background(), socket)
				if err != nil {
					c.log.Warn("the ssh-agent was asked for and is not there", "address", c.address, "err", err)
					return
				}
				defer conn.Close()
				_ = agent.ServeAgent(lentAgent{keys}, channel) // ends with its channel
			}()
		}
	}()
}

// lentAgent may be used, and not changed.
type lentAgent struct{ keys agent.ExtendedAgent }

var errLent = errors.New("a forwarded agent can only be used")

func (l lentAgent) List() ([]*agent.Key, error) { return l.keys.List() }
func (l lentAgent) Sign(key ssh.PublicKey, data []byte) (*ssh.Signature, error) {
	return l.keys.Sign(key, data)
}

func (l lentAgent) SignWithFlags(key ssh.PublicKey, data []byte, flags agent.SignatureFlags) (*ssh.Signature, error) {
	return l.keys.SignWithFlags(key, data, flags)
}
func (l lentAgent) Signers() ([]ssh.Signer, error) { return nil, errLent }
func (l lentAgent) Add(agent.AddedKey) error       { return errLent }
func (l lentAgent) Remove(ssh.PublicKey) error     { return errLent }
func (l lentAgent) RemoveAll() error               { return errLent }
func (l lentAgent) Lock([]byte) error              { return errLent }
func (l lentAgent) Unlock([]byte) error            { return errLent }
func (l lentAgent) Extension(string, []byte) ([]byte, error) {
	return nil, agent.ErrExtensionUnsupported
}
