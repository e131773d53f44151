//go:build !linux

package session

import "net"

func boundUnacked(net.Conn) {}
