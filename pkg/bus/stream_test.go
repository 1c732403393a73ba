package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// far is what an agent's method opens; the test holds its other end.
func far(t testing.TB) (Method, chan net.Conn) {
	ends := make(chan net.Conn, maxStreams)
	return Method{Quick: true, Open: func(_ context.Context, body json.RawMessage) (io.ReadWriteCloser, error) {
		if string(body) == `"locked"` {
			return nil, &Fault{Reason: "Conflict", Detail: "it is locked"}
		}
		near, end := net.Pipe()
		t.Cleanup(func() { _ = end.Close() })
		ends <- end
		return near, nil
	}}, ends
}

func open(t testing.TB, c *Caller, ends chan net.Conn) (*Stream, net.Conn) {
	t.Helper()
	s, err := c.Open(t.Context(), "h1", "kvm", "Open", 20*time.Second, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, <-ends
}

// What is written comes out whole and in order, both ways at a time, whatever the sizes of writes and reads.
func TestStreamCarriesBytesAsTheyWere(t *testing.T) {
	m, ends := far(t)
	c, _, _ := pair(t, map[string]Method{"Open": m}, 0)
	rapid.Check(t, func(r *rapid.T) {
		s, err := c.Open(context.Background(), "h1", "kvm", "Open", 20*time.Second, nil)
		require.NoError(r, err)
		end := <-ends
		sizes := rapid.SliceOfN(rapid.IntRange(1, 100_000), 1, 8).Draw(r, "writes")
		piece := rapid.IntRange(1, 70_000).Draw(r, "read")
		up, down := make(chan []byte), make(chan []byte)
		total := 0
		for _, n := range sizes {
			total += n
		}
		want := noise(total)
		for _, way := range []struct {
			to   io.Writer
			from io.Reader
			got  chan []byte
		}{{s, end, up}, {end, s, down}} {
			go func() { // ends with the bytes, or with the stream
				rest := want
				for _, n := range sizes {
					_, _ = way.to.Write(rest[:n])
					rest = rest[n:]
				}
			}()
			go func() {
				var all []byte
				buf := make([]byte, piece)
				for len(all) < total {
					n, err := way.from.Read(buf)
					if err != nil {
						break
					}
					all = append(all, buf[:n]...)
				}
				way.got <- all
			}()
		}
		require.True(r, bytes.Equal(want, <-up), "to the agent")
		require.True(r, bytes.Equal(want, <-down), "from the agent")
		require.NoError(r, s.Close())
		_, err = end.Read(make([]byte, 1))
		require.ErrorIs(r, err, io.EOF, "what it carried is closed")
		require.NoError(r, end.Close())
	})
}

func noise(n int) []byte {
	out := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(out)
	return out
}

// A reader who does not read holds the writer back, and nothing is kept for it beyond the window.
func TestStreamHoldsAFastWriterBack(t *testing.T) {
	m, ends := far(t)
	c, _, _ := pair(t, map[string]Method{"Open": m}, 0)
	s, end := open(t, c, ends)
	wrote := make(chan int, 1)
	go func() { n, _ := end.Write(make([]byte, 4*streamWindow)); wrote <- n }()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.received == streamWindow
	}, 20*time.Second, 5*time.Millisecond)
	select {
	case n := <-wrote:
		t.Fatalf("%d bytes were taken, and nobody read", n)
	case <-time.After(3 * time.Second / 10):
	}
	got, err := io.ReadFull(s, make([]byte, 4*streamWindow))
	require.NoError(t, err)
	require.Equal(t, got, <-wrote)

	blocked := make(chan error, 1)
	go func() { _, err := s.Write(make([]byte, 4*streamWindow)); blocked <- err }()
	require.NoError(t, s.Close(), "while a write waits for room")
	require.ErrorIs(t, <-blocked, net.ErrClosed)
}

func TestStreamEndsAtBothEnds(t *testing.T) {
	m, ends := far(t)
	c, agent, _ := pair(t, map[string]Method{"Open": m}, 0)
	ask := func(host, method string, in any) error {
		_, err := c.Open(t.Context(), host, "kvm", method, 20*time.Second, in)
		return err
	}
	requireFault(t, ask("h1", "Open", "locked"), "Conflict")
	requireFault(t, ask("h1", "Nothing", nil), ReasonInvalid)
	requireFault(t, ask("h2", "Open", nil), ReasonUnavailable)
	requireFault(t, ask("h.2", "Open", nil), ReasonInvalid)

	s, end := open(t, c, ends)
	go func() { _, _ = end.Write([]byte("last words")); _ = end.Close() }()
	said, err := io.ReadAll(s)
	require.NoError(t, err, "the end comes after the bytes")
	require.Equal(t, "last words", string(said))
	_, err = s.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe)

	s, end = open(t, c, ends)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, agent.Close(ctx), "an agent that stops ends its streams")
	_, err = s.Read(make([]byte, 1))
	requireFault(t, err, ReasonUnavailable)
	require.ErrorContains(t, err, "stopping")
	_, err = end.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// An end that is gone without a word, a message that the bus lost, and an agent that floods are all found out.
func TestStreamBreaksRatherThanLies(t *testing.T) {
	m, ends := far(t)
	c, _, agent := pair(t, map[string]Method{"Open": m}, 0)
	s, err := openStream(c.nc, streamIn("h1", "dead"), streamOut("h1", "kvm", "dead"), 200*time.Millisecond)
	require.NoError(t, err)
	_, err = s.Read(make([]byte, 1))
	requireFault(t, err, ReasonTimeout)
	require.NoError(t, s.Close())

	for _, frame := range [][]byte{
		append([]byte{frameData, 0, 0, 0, 0, 0, 0, 0, 7}, "seven bytes are missing"...),
		{frameEnd, 0, 0, 0, 0, 0, 0, 0, 7},
		append(make([]byte, 0), append([]byte{frameData, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, streamWindow+1)...)...),
	} {
		s, end := open(t, c, ends)
		require.NoError(t, agent.PublishMsg(&nats.Msg{Subject: s.sub.Subject, Data: frame}))
		_, err = s.Read(make([]byte, 1))
		var f *Fault
		require.ErrorAs(t, err, &f)
		require.NoError(t, s.Close())
		_ = end.Close()
	}
}
