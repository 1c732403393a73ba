package tenantnet

import (
	"io"
	"net"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/provider"
)

// flood sends from one guest to a port of the other until the test ends, and counts what the other's card is given: the
// kernel counts, so a test that gets no processor does not miss anything.
func flood(t *testing.T, from, to, addr, tap string) (arrived func(time.Duration) float64) {
	t.Helper()
	var l net.Listener
	require.NoError(t, Within(to, func() (err error) { l, err = net.Listen("tcp4", addr); return err }))
	t.Cleanup(func() { l.Close() })
	var out net.Conn
	require.NoError(t, Within(from, func() (err error) { out, err = net.DialTimeout("tcp4", addr, 20*time.Second); return err }))
	in, err := l.Accept()
	require.NoError(t, err)
	var both sync.WaitGroup
	t.Cleanup(func() { out.Close(); in.Close(); both.Wait() })
	both.Go(func() { _, _ = io.Copy(out, endless{}) })
	both.Go(func() { _, _ = io.Copy(io.Discard, in) })
	given := func() uint64 {
		link, err := netlink.LinkByName(tap)
		require.NoError(t, err)
		return link.Attrs().Statistics.TxBytes
	}
	return func(window time.Duration) float64 {
		begin, before := time.Now(), given()
		time.Sleep(window)
		return float64(given()-before) / time.Since(begin).Seconds()
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// holds waits for a window in which what arrives is within a tenth of what may. In none can more than its bound and a full
// bucket arrive.
func holds(t *testing.T, arrived func(time.Duration) float64, bytes float64) {
	t.Helper()
	const window = 4
	arrived(2 * time.Second) // the bucket was full
	var got float64
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); {
		got = arrived(window * time.Second)
		require.Less(t, got, bytes*(window+1.1)/window)
		if got > 0.9*bytes && got < 1.1*bytes {
			return
		}
	}
	t.Fatalf("%.0f bytes/s arrive, %.0f may", got, bytes)
}

// TestBoundOfACardHoldsBothWays: within a tenth, for a guarded card and an open one, changed under the traffic.
func TestBoundOfACardHoldsBothWays(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	ensure(t, m, n)
	card := provider.Interface{Network: n.ID, MAC: macA, Address: "10.66.0.10", Rules: []provider.Rule{{Protocol: "tcp"}}, BitsPerSecond: 8_000_000}
	other := provider.Interface{Network: n.ID, MAC: macB, Address: "10.66.0.11", Open: true}
	require.NoError(t, m.Guard(t.Context(), "a", card))
	require.NoError(t, m.Guard(t.Context(), "b", other))
	a, b := plug(t, n, "a", macA, "10.66.0.10"), plug(t, n, "b", macB, "10.66.0.11")
	sent := flood(t, a, b, "10.66.0.11:9", TapName("b", macB))
	holds(t, sent, 1_000_000)
	card.Open, card.BitsPerSecond = true, 16_000_000
	require.NoError(t, m.Guard(t.Context(), "a", card))
	holds(t, sent, 2_000_000)
	holds(t, flood(t, b, a, "10.66.0.10:9", TapName("a", macA)), 2_000_000)
	card.BitsPerSecond = 0
	require.NoError(t, m.Guard(t.Context(), "a", card))
	require.Eventually(t, func() bool { return sent(time.Second) > 4_000_000 }, time.Minute, time.Millisecond, "no bound any more")
	card.BitsPerSecond = 1_000_000
	require.NoError(t, m.Guard(t.Context(), "a", card))
	require.NoError(t, m.Unguard(t.Context(), "a", macA))
	tables, err := exec.Command("nft", "list", "tables").CombinedOutput()
	require.NoError(t, err)
	require.NotContains(t, string(tables), TapName("a", macA))
}
