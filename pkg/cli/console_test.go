package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/client"
)

// line is a websocket whose far end is f.
func line(t *testing.T, f func(ctx context.Context, ws *websocket.Conn)) *websocket.Conn {
	t.Helper()
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, err := websocket.Accept(w, r, nil); err == nil {
			f(r.Context(), ws)
		}
	}))
	t.Cleanup(far.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, far.URL, nil) //nolint:bodyclose // it is taken over
	require.NoError(t, err)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// echo answers what is typed until the other end leaves, and keeps it.
type echo struct {
	mu    sync.Mutex
	typed bytes.Buffer
}

func (e *echo) serve(ctx context.Context, ws *websocket.Conn) {
	for {
		_, data, err := ws.Read(ctx)
		if err != nil {
			return
		}
		e.mu.Lock()
		e.typed.Write(data)
		e.mu.Unlock()
		_ = ws.Write(ctx, websocket.MessageBinary, data)
	}
}

func (e *echo) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.typed.String()
}

func TestLeavingAConsole(t *testing.T) {
	t.Parallel()
	t.Run("by its key", func(t *testing.T) {
		t.Parallel()
		far := &echo{}
		keys, typing := io.Pipe()
		defer func() { _ = typing.Close() }()
		done := make(chan error, 1)
		ws := line(t, far.serve)
		go func() { done <- work(t.Context(), ws, keys, io.Discard) }()
		_, err := typing.Write([]byte("ls\x03\r\x1dnot typed"))
		require.NoError(t, err)
		require.NoError(t, <-done)
		require.Eventually(t, func() bool { return far.heard() == "ls\x03\r" }, 30*time.Second, 5*time.Millisecond, "all other keys are the server's")
	})
	t.Run("by the end of input", func(t *testing.T) {
		t.Parallel()
		var shown bytes.Buffer
		require.NoError(t, work(t.Context(), line(t, (&echo{}).serve), bytes.NewReader([]byte("uptime\r")), &shown))
		require.Equal(t, "uptime\r", shown.String(), "what was typed was answered first")
	})
	t.Run("by the server", func(t *testing.T) {
		t.Parallel()
		ws := line(t, func(ctx context.Context, ws *websocket.Conn) {
			_ = ws.Write(ctx, websocket.MessageBinary, []byte("bye"))
			_ = ws.Close(4000, "the console ended: the server stopped")
		})
		keys, typing := io.Pipe()
		defer func() { _ = typing.Close() }()
		var shown bytes.Buffer
		err := work(t.Context(), ws, keys, &shown)
		require.EqualError(t, err, "the console ended: the server stopped")
		require.Equal(t, exitUnavailable, exitCode(err))
		require.Equal(t, "bye", shown.String())
		require.Equal(t, client.ReasonUnreachable, client.ReasonOf(err))
	})
}
