package operation

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
)

// bell lets River look for jobs as soon as this process has written some, or one of them is due again. Jobs of other
// processes are found by polling, which can be slow for it.
type bell struct{ rung chan struct{} }

func newBell() *bell { return &bell{make(chan struct{}, 1)} }

func (b *bell) ring() {
	select {
	case b.rung <- struct{}{}:
	default: // it will look anyhow
	}
}

// follow rings when a job that put itself off is due, until the events end. What is put off for longer than soon becomes due
// by River's own scheduler, and is found by polling.
func (b *bell) follow(events <-chan *river.Event) {
	const soon = 10 * time.Second
	for e := range events {
		if wait := time.Until(e.Job.ScheduledAt); wait < soon {
			time.AfterFunc(max(wait, 0)+time.Millisecond, b.ring)
		}
	}
}

// WaitForNotification waits for the bell; River then looks into the queue that it names.
func (b *bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.rung:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + queue + `"}`}, nil
	}
}

// Close has nothing to end: nothing but this process is listened to.
func (b *bell) Close(context.Context) error { return nil }

// Connect has nothing to open.
func (b *bell) Connect(context.Context) error { return nil }

// Listen has one topic to offer.
func (b *bell) Listen(context.Context, string) error { return nil }

// Unlisten is for others who listen.
func (b *bell) Unlisten(context.Context, string) error { return nil }

// Ping always succeeds.
func (b *bell) Ping(context.Context) error { return nil }

// Schema is that of the connection.
func (b *bell) Schema() string { return "" }

// SetAfterConnectExec is for River's own tests.
func (b *bell) SetAfterConnectExec(string) {}

// belled is a driver of River's whose notifications are a bell's.
type belled struct {
	riverdriver.Driver[*sql.Tx]
	bell *bell
}

// SupportsListener tells River to heed the bell.
func (belled) SupportsListener() bool { return true }

// GetListener returns the bell.
func (d belled) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener { return d.bell }
