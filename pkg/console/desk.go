// Package console lets users work at the consoles of servers: a ticket, good once and for a minute, opens a websocket that
// carries the bytes of a serial line or a screen for as long as its user may and the server runs. Tickets are in the
// database, so that whichever plazad the websocket reaches serves it, and so are the consoles that are open, which are
// bounded by user, by server and in all.
package console

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// Why a websocket is closed, besides the protocol's own codes: 1000 when its user left, 1001 when plazad stops.
const (
	StatusEnded   websocket.StatusCode = 4000 // the console ended: the server stopped
	StatusIdle    websocket.StatusCode = 4001 // nothing was typed for long
	StatusTooLong websocket.StatusCode = 4002 // no console is open for longer
	StatusRefused websocket.StatusCode = 4003 // the session or the permission ended
	StatusGone    websocket.StatusCode = 4004 // the server was deleted or is elsewhere
	StatusFailed  websocket.StatusCode = 4005 // it could not be opened, or broke; the reason says why
)

// Limits bound tickets and consoles.
type Limits struct {
	Ticket    time.Duration // how long a ticket is good
	Idle      time.Duration // how long nothing may be typed
	Total     time.Duration // how long a console may be open
	Check     time.Duration // how often it is looked at whether it may go on
	Lease     time.Duration // how long a console counts as open, and goes on, without a look
	PerUser   int           // tickets and open consoles
	PerServer int
	All       int
}

// Usual are the limits of an installation.
var Usual = Limits{Ticket: time.Minute, Idle: 30 * time.Minute, Total: 8 * time.Hour, Check: 5 * time.Second, Lease: time.Minute, PerUser: 10, PerServer: 5, All: 500}

// Config is what a Desk is made of.
type Config struct {
	DB      *store.DB
	Objects *resource.Store
	Driver  provider.Consoles
	Limits  Limits // zero: Usual
	Log     *slog.Logger
}

// Desk gives tickets out and serves consoles. It is safe for concurrent use.
type Desk struct {
	Config
	ctx  context.Context //nolint:containedctx // consoles end with the desk; a hijacked connection outlives its server
	stop context.CancelFunc

	mu     sync.Mutex
	closed bool
	open   sync.WaitGroup
}

// New makes a desk; Close ends its consoles.
func New(cfg Config) *Desk {
	if cfg.Limits == (Limits{}) {
		cfg.Limits = Usual
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	d := &Desk{Config: cfg}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// Close ends all consoles and waits until their users were told.
func (d *Desk) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.stop()
	d.open.Wait()
}

// enter counts a console as open, unless the desk is closed.
func (d *Desk) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.open.Add(1)
	}
	return !d.closed
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
