package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The agent ends a call a little before its caller does, so that its own reason is what the caller is told.
func TestLateCallIsToldWhy(t *testing.T) {
	c, _, _ := pair(t, map[string]Method{"Wait": {Handle: func(ctx context.Context, _ json.RawMessage) (any, error) {
		<-ctx.Done()
		return nil, &Fault{Reason: "Conflict", Detail: "another call has the disk"}
	}}}, 0)
	requireFault(t, c.Call(t.Context(), "h1", "kvm", "Wait", 3*time.Second, nil, nil), "Conflict")
}

// book is a log that is read while it is written.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) holds(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.text.Bytes(), []byte(what))
}

func TestStuckHandlerIsToldOf(t *testing.T) {
	release := make(chan struct{})
	c, r, _ := pair(t, map[string]Method{
		"Echo": {Handle: echo},
		"Hang": {Handle: func(context.Context, json.RawMessage) (any, error) { <-release; return nil, nil }},
	}, 0)
	log := &book{}
	r.cfg.Logger, r.overrun.after = slog.New(slog.NewTextHandler(log, nil)), 20*time.Millisecond
	require.NoError(t, c.Call(t.Context(), "h1", "kvm", "Echo", time.Second, nil, nil))
	requireFault(t, c.Call(t.Context(), "h1", "kvm", "Hang", 50*time.Millisecond, nil, nil), ReasonTimeout)
	eventually(t, "it is told", func() bool { return log.holds("method=Hang") })
	require.True(t, log.holds("TestStuckHandlerIsToldOf"), "the stacks say where it is")
	require.False(t, log.holds("Echo"))
	close(release)
	eventually(t, "call is over", func() bool { return r.Active() == 0 })
}
