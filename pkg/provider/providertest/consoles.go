package providertest

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// consoles works at a guest that has booted: its serial line asks who logs in and hears the answer, its screen speaks RFB.
func (s *suite) consoles(t *testing.T, id string) {
	t.Helper()
	if s.Prompt == "" {
		return
	}
	_, err := s.OpenConsole(t.Context(), s.Host, newID(t), provider.ConsoleSerial)
	requireReason(t, provider.ReasonNotFound, err)
	_, err = s.OpenConsole(t.Context(), s.Host, id, "telex")
	requireReason(t, provider.ReasonInvalid, err)

	first := s.openConsole(t, id, provider.ConsoleSerial)
	first.hears(t, s.Prompt)
	second := s.openConsole(t, id, provider.ConsoleSerial)
	second.hears(t, s.Prompt, "to who comes later, too")
	first.ends(t, "the line is the last one's who opened it")
	_, err = second.Write([]byte("root\r"))
	require.NoError(t, err)
	second.hears(t, "Password:")
	require.NoError(t, second.Close())

	screen := s.openConsole(t, id, provider.ConsoleVNC)
	screen.hears(t, "RFB 003.00")
	other := s.openConsole(t, id, provider.ConsoleVNC)
	other.hears(t, "RFB 003.00", "beside the other")
	require.NoError(t, screen.Close())
	require.NoError(t, other.Close())
}

// terminal is an open console, and what it said so far.
type terminal struct {
	io.ReadWriteCloser
	said chan []byte
	err  error // valid once said is closed
	text string
}

func (s *suite) openConsole(t *testing.T, id string, console provider.ConsoleType) *terminal {
	t.Helper()
	c, err := s.OpenConsole(t.Context(), s.Host, id, console)
	require.NoError(t, err)
	w := &terminal{ReadWriteCloser: c, said: make(chan []byte, 1000)}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		defer close(w.said)
		for {
			buf := make([]byte, 4096)
			n, err := c.Read(buf)
			if w.said <- buf[:n]; err != nil {
				w.err = err
				return
			}
		}
	}()
	return w
}

// hears waits until the console has said text.
func (w *terminal) hears(t *testing.T, text string, why ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !strings.Contains(w.text, text) {
		select {
		case said, more := <-w.said:
			if !more {
				require.Fail(t, "it ended before it said "+text, "%v %q %v", w.err, w.text, why)
			}
			w.text += string(said)
		case <-ctx.Done():
			require.Fail(t, "it did not say "+text, "%q %v", w.text, why)
		}
	}
}

// ends waits until the console is over.
func (w *terminal) ends(t *testing.T, why string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case _, more := <-w.said:
			if !more {
				require.NotErrorIs(t, w.err, io.ErrClosedPipe)
				return
			}
		case <-limit:
			require.Fail(t, "it goes on", why)
		}
	}
}
