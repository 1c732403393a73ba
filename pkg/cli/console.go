package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/term"

	"github.com/plazacloud/plaza/pkg/client"
)

const (
	// leaving is typed to leave a console: Ctrl-], as in telnet and virsh. All else is the server's.
	leaving = 0x1d
	// lingering is how long a console must be silent to be left once standard input has ended.
	lingering = 2 * time.Second
)

// runSerial works at a server's serial console until it is left or ends.
func runSerial(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := servers(a).target(name)
	if err != nil {
		return err
	}
	ticket, err := client.Read[client.ConsoleTicket](c.OpenConsoleServer(ctx, t.ID, &client.OpenConsoleServerParams{Project: opt(t.Project)}, client.ConsoleOrder{Type: "serial"}))
	if err != nil {
		return err
	}
	ws, err := c.Dial(ctx, ticket.Path)
	if err != nil {
		return err
	}
	defer func() { _ = ws.CloseNow() }()
	fmt.Fprintf(a.Err, "You are at the serial console of %s. Press Enter when nothing shows; Ctrl-] leaves.\r\n", name)
	restore, err := raw(a.In)
	if err != nil {
		return err
	}
	err = work(ctx, ws, a.In, a.Out)
	restore()
	if err == nil {
		fmt.Fprintf(a.Err, "\nYou left the console of %s.\n", name)
	}
	return err
}

// raw hands every key of a terminal on as it is, until it is restored; what is no terminal needs nothing.
func raw(in io.Reader) (restore func(), err error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}, nil
	}
	was, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("the terminal can not be used: %w", err)
	}
	return func() { _ = term.Restore(int(f.Fd()), was) }, nil
}

// work carries keys and what is shown, until the user leaves or the console ends.
func work(ctx context.Context, ws *websocket.Conn, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ws.SetReadLimit(1 << 20)
	typed := make(chan []byte)
	go keys(ctx, in, typed)
	shown, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() { ended <- show(ctx, ws, out, shown) }()
	leave := func() error {
		_ = ws.Close(websocket.StatusNormalClosure, "") // left in any case
		<-ended                                         //nolint:errcheck // all that came is shown
		return nil
	}
	silence := time.NewTimer(lingering)
	defer silence.Stop()
	for {
		var quiet <-chan time.Time
		if typed == nil { // standard input is over: what was typed is answered yet
			quiet = silence.C
		}
		select {
		case <-ctx.Done():
			<-ended //nolint:errcheck // it was broken off
			return ctx.Err()
		case err := <-ended:
			return err
		case <-shown:
			silence.Reset(lingering)
		case <-quiet:
			return leave()
		case data, more := <-typed:
			if !more {
				typed = nil
				silence.Reset(lingering)
				continue
			}
			before, _, left := bytes.Cut(data, []byte{leaving})
			if len(before) > 0 {
				if err := ws.Write(ctx, websocket.MessageBinary, before); err != nil {
					return <-ended // it says why
				}
			}
			if left {
				return leave()
			}
		}
	}
}

// keys hands on what is typed; it closes the channel at the end of input. Nothing can wake a read of a terminal: it is
// left behind with the process.
func keys(ctx context.Context, in io.Reader, typed chan<- []byte) {
	defer close(typed)
	for {
		buf := make([]byte, 4096)
		n, err := in.Read(buf)
		if n > 0 {
			select {
			case typed <- buf[:n]:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// show writes what comes until the websocket is closed, and says why it was unless the user left.
func show(ctx context.Context, ws *websocket.Conn, out io.Writer, shown chan<- struct{}) error {
	for {
		_, data, err := ws.Read(ctx)
		var closed websocket.CloseError
		switch {
		case errors.As(err, &closed) && closed.Code == websocket.StatusNormalClosure:
			return nil
		case errors.As(err, &closed):
			return &client.Problem{Reason: client.ReasonUnreachable, Title: "The console was closed", Detail: first(strings.TrimSpace(closed.Reason), "the server closed the console")}
		case err != nil:
			return fmt.Errorf("the console broke off: %w", err)
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
		select {
		case shown <- struct{}{}:
		default:
		}
	}
}
