package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	opening   = 30 * time.Second // for the backend to open a console
	telling   = 10 * time.Second // for the database to write that it was left
	patience  = 30 * time.Second // for a client to read what is shown, or to answer a ping
	frame     = 32 << 10         // bytes that are shown at a time
	mostTyped = 64 << 10         // bytes in one message of a client
	mostSaid  = 120              // bytes of a reason; the protocol has room for 123
)

// end is why a console is left.
type end struct {
	code websocket.StatusCode
	why  string
}

func (e *end) Error() string { return e.why }

func over(code websocket.StatusCode, format string, args ...any) *end {
	return &end{code, fmt.Sprintf(format, args...)}
}

// work is one console that is open.
type work struct {
	*Desk
	Ticket
	host   string
	ws     *websocket.Conn
	device io.ReadWriteCloser
	may    func(context.Context) error

	typed atomic.Int64 // bytes
	heard atomic.Int64 // when, in nanoseconds of Unix time
	kept  time.Time    // when it was last written that it is open
}

// Serve opens the console that was redeemed on host and carries its bytes over ws, until either end leaves, may refuses,
// a limit is reached, or the server is gone. It closes ws with a code and a reason.
func (d *Desk) Serve(ctx context.Context, who Who, t Ticket, host string, ws *websocket.Conn, may func(context.Context) error) {
	begin := time.Now()
	w := &work{Desk: d, Ticket: t, host: host, ws: ws, may: may, kept: begin}
	why := over(websocket.StatusGoingAway, "plazad is stopping")
	if d.enter() {
		defer d.open.Done()
		why = w.serve(ctx)
	}
	part(ws, why)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telling)
	defer cancel()
	note := fmt.Sprintf("%s, after %s and %d bytes typed", why.why, time.Since(begin).Round(time.Second), w.typed.Load())
	if err := d.Leave(ctx, who, t, note); err != nil {
		d.Log.Warn("that a console was left could not be written", "server", t.ServerID, "user", who.Name, "note", note, "error", err)
	}
}

// part closes a websocket, once; a client that is gone needs no reason.
func part(ws *websocket.Conn, why *end) {
	_ = ws.Close(why.code, strings.ToValidUTF8(why.why[:min(len(why.why), mostSaid)], ""))
}

func (w *work) serve(ctx context.Context) *end {
	within, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	var err error
	if w.device, err = w.Driver.OpenConsole(within, w.host, w.ServerID, w.Type); err != nil {
		return failed(err)
	}
	w.ws.SetReadLimit(mostTyped)
	w.heard.Store(time.Now().UnixNano())
	return w.run(ctx)
}

// run works both ways until one of its parts ends.
func (w *work) run(ctx context.Context) *end {
	life, finish := context.WithCancelCause(ctx)
	wire, cut := context.WithCancel(context.WithoutCancel(ctx)) // a reading that is cut takes the websocket along, and the reason with it
	defer context.AfterFunc(w.ctx, func() { finish(over(websocket.StatusGoingAway, "plazad is stopping")) })()
	var parts sync.WaitGroup
	parts.Go(func() { finish(w.take(wire)) })
	parts.Go(func() { finish(w.show(wire)) })
	parts.Go(func() { finish(w.watch(life)) })
	<-life.Done()
	why := over(websocket.StatusGoingAway, "plazad is stopping")
	_ = errors.As(context.Cause(life), &why)
	_ = w.device.Close() // whoever waits for it goes on
	part(w.ws, why)
	cut()
	parts.Wait()
	return why
}

// take hands on what is typed.
func (w *work) take(ctx context.Context) *end {
	for {
		_, data, err := w.ws.Read(ctx)
		if err != nil {
			return over(websocket.StatusNormalClosure, "its user left")
		}
		w.heard.Store(time.Now().UnixNano())
		w.typed.Add(int64(len(data)))
		if _, err := w.device.Write(data); err != nil {
			return failed(err)
		}
	}
}

// show hands on what the console says.
func (w *work) show(ctx context.Context) *end {
	buf := make([]byte, frame)
	for {
		n, err := w.device.Read(buf)
		if n > 0 {
			within, cancel := context.WithTimeout(ctx, patience)
			failure := w.ws.Write(within, websocket.MessageBinary, buf[:n])
			cancel()
			if failure != nil {
				return over(websocket.StatusNormalClosure, "its user left")
			}
		}
		if err != nil {
			return failed(err)
		}
	}
}

// failed tells of an error of the backend; the end of a console is none.
func failed(err error) *end {
	known := (*provider.Error)(nil)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe):
		return over(StatusEnded, "the console ended: the server stopped")
	case errors.As(err, &known):
		return over(StatusFailed, "%s", known.Detail)
	}
	return over(StatusFailed, "%v", err)
}

// watch looks now and then whether the console may go on.
func (w *work) watch(ctx context.Context) *end {
	begin, sure := time.Now(), time.Now()
	tick := time.NewTicker(w.Limits.Check)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return over(websocket.StatusNormalClosure, "it was left")
		case <-tick.C:
		}
		switch {
		case time.Since(begin) >= w.Limits.Total:
			return over(StatusTooLong, "a console is open for %s at most", w.Limits.Total)
		case time.Since(time.Unix(0, w.heard.Load())) >= w.Limits.Idle:
			return over(StatusIdle, "nothing was typed for %s", w.Limits.Idle)
		}
		if !w.answers(ctx) {
			return over(websocket.StatusNormalClosure, "its user is gone")
		}
		why, err := w.look(ctx)
		if why != nil {
			return why
		}
		if err == nil {
			sure = time.Now()
		} else if time.Since(sure) > w.Limits.Lease {
			return over(StatusFailed, "nobody can tell whether it may go on")
		}
	}
}

func (w *work) answers(ctx context.Context) bool {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.ws.Ping(within) == nil || ctx.Err() != nil
}

// look says why the console may not go on; an error says that this can not be told at the moment.
func (w *work) look(ctx context.Context) (*end, error) {
	err := w.may(ctx)
	switch resource.ReasonOf(err) {
	case resource.ReasonUnauthenticated, resource.ReasonForbidden, resource.ReasonNotFound:
		return over(StatusRefused, "the session or the permission ended"), nil
	}
	if err != nil {
		return nil, err
	}
	o, err := w.Objects.View(resource.Within(w.Project)).Get(ctx, "server", w.Project, w.ServerID)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return over(StatusGone, "the server was deleted"), nil
	}
	if err != nil {
		return nil, err
	}
	if host := resource.Lookup(o, "status.host"); len(host) == 0 || host[0] != w.host {
		return over(StatusGone, "the server is elsewhere now"), nil
	}
	if time.Since(w.kept) < w.Limits.Lease/3 {
		return nil, nil
	}
	gone, err := w.keep(ctx, w.Ticket)
	if gone {
		return over(StatusRefused, "the session or the permission ended"), nil
	}
	if err == nil {
		w.kept = time.Now()
	}
	return nil, err
}
