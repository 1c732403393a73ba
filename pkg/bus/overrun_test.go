package bus

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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

func TestStuckHandlerIsToldOf(t *testing.T) {
	release := make(chan struct{})
	c, r, _ := pair(t, map[string]Method{
		"Echo": {Handle: echo},
		"Hang": {Handle: func(context.Context, json.RawMessage) (any, error) { <-release; return nil, nil }},
	}, 0)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	told := func() string {
		text, err := os.ReadFile(log.Name())
		require.NoError(t, err)
		return string(text)
	}
	r.cfg.Logger, r.overrun.after = slog.New(slog.NewTextHandler(log, nil)), 20*time.Millisecond
	require.NoError(t, c.Call(t.Context(), "h1", "kvm", "Echo", time.Second, nil, nil))
	requireFault(t, c.Call(t.Context(), "h1", "kvm", "Hang", 50*time.Millisecond, nil, nil), ReasonTimeout)
	eventually(t, "it is told", func() bool { return strings.Contains(told(), "method=Hang") })
	require.Contains(t, told(), "TestStuckHandlerIsToldOf", "the stacks say where it is")
	require.NotContains(t, told(), "Echo")
	close(release)
	eventually(t, "call is over", func() bool { return r.Active() == 0 })
}
