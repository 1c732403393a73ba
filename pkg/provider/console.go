package provider

import (
	"context"
	"io"
)

// ConsoleType is which of a server's consoles is meant.
type ConsoleType string

const (
	ConsoleSerial ConsoleType = "serial" // the first serial line: bytes as the guest sends and takes them
	ConsoleVNC    ConsoleType = "vnc"    // the screen, as RFB (RFC 6143); what opens it asks for no password
)

// Consoles let somebody work at servers as if in front of them.
type Consoles interface {
	// OpenConsole opens a console of a running server. It ends when it is closed, or with io.EOF when the server stops; ctx
	// bounds the opening alone. Conflict says that the server does not run, Unsupported that it has no such console.
	// Screens are shared; a serial line is the last one's who opened it.
	OpenConsole(ctx context.Context, host, id string, console ConsoleType) (io.ReadWriteCloser, error)
}
