//go:build unix

package httpdpath

import (
	"net"
	"syscall"
)

// liveness gives a test of an idle connection: the node has neither closed it
// nor sent what nobody asked for.
func liveness(conn net.Conn) func() bool {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return func() bool { return true }
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return func() bool { return false }
	}
	var alive bool
	var one [1]byte
	peek := func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT) // #nosec G115 -- it is a descriptor
		alive = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK                           //nolint:errorlint // system calls return plain numbers
		return true
	}
	return func() bool { return raw.Read(peek) == nil && alive }
}
