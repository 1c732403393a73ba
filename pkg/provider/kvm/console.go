package kvm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// consoleLimit bounds the opening of a console: somebody waits for it.
const consoleLimit = 20 * time.Second

type openConsoleArgs struct {
	ID      string               `json:"id"`
	Console provider.ConsoleType `json:"console"`
}

// OpenConsole opens a console of a server by a stream over the bus.
func (d *Driver) OpenConsole(ctx context.Context, host, id string, console provider.ConsoleType) (io.ReadWriteCloser, error) {
	s, err := d.caller.Open(ctx, host, Role, "OpenConsole", consoleLimit, openConsoleArgs{id, console})
	if err != nil {
		return nil, d.failure(host, err)
	}
	return consoleStream{s}, nil
}

// consoleStream gives the errors of the bus as a driver's.
type consoleStream struct{ *bus.Stream }

func (s consoleStream) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)
	if fault := (*bus.Fault)(nil); errors.As(err, &fault) {
		err = wire.Error(err)
	}
	return n, err
}

func consoleMethods(host string, d provider.Consoles) map[string]bus.Method {
	return map[string]bus.Method{"OpenConsole": {Timeout: consoleLimit, Quick: true, Open: func(ctx context.Context, body json.RawMessage) (io.ReadWriteCloser, error) {
		var in openConsoleArgs
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &bus.Fault{Reason: bus.ReasonInvalid, Detail: fmt.Sprintf("the arguments are unreadable: %v", err), Err: err}
		}
		c, err := d.OpenConsole(ctx, host, in.ID, in.Console)
		if err != nil {
			return nil, wire.Fault(err)
		}
		return openedConsole{c}, nil
	}}}
}

// openedConsole gives the errors of a driver as the bus carries them.
type openedConsole struct{ io.ReadWriteCloser }

func (c openedConsole) Read(p []byte) (int, error) {
	n, err := c.ReadWriteCloser.Read(p)
	return n, wire.Fault(err)
}
