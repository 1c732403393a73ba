package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

// BenchmarkPlaceOrder measures orders placed through the entry: one request is a basket priced,
// its stock reserved and the order written, over four processes' worth of hops in two processes.
func BenchmarkPlaceOrder(b *testing.B) {
	admin := retailtest.Database(b)
	out, err := retaild(b.Context(), "migrate", "--admin-url", admin).CombinedOutput()
	require.NoError(b, err, string(out))
	node, gw := freePort(b, "127.0.0.1"), freePort(b, "127.0.0.1")
	var peers []string
	for _, app := range daemon.Apps() {
		peers = append(peers, "--peer", app+"="+node)
	}
	run := serve(b, node, "run", "--database-url", admin, "--bank-simulator", "--log-level", "error")
	entry := serve(b, gw, append([]string{"gw", "--operator-token", "op", "--rate", "0", "--checks-every", "0", "--log-level", "error"}, peers...)...)
	base := "http://" + gw
	out, err = retaild(b.Context(), "seed", "--url", base, "--operator-token", "op").CombinedOutput()
	require.NoError(b, err, string(out))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	a := retailtest.Do(b, client, "POST", base+"/v1/inventory/receipts", "", inventory.Receipt{Ref: "bench",
		Lines: []inventory.Line{{SKU: "SKU-001", Node: "dc-east", Qty: 1 << 30}, {SKU: "SKU-002", Node: "dc-east", Qty: 1 << 30}}}, "Authorization", "Bearer op")
	require.Equal(b, 201, a.Status, string(a.Body))
	var mu sync.Mutex
	var took []time.Duration
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			start := time.Now()
			a, err := retailtest.Try(client, "POST", base+"/v1/orders", "", trade.NewOrder{Basket: trade.Basket{Channel: "web", Lines: []trade.Item{{SKU: "SKU-001", Qty: 1}, {SKU: "SKU-002", Qty: 1}}}})
			if err != nil || a.Status != 201 {
				b.Errorf("%v %s", err, a.Body)
			}
			mu.Lock()
			took = append(took, time.Since(start))
			mu.Unlock()
		}
	})
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
	b.ReportMetric(rss(b, run), "run-MiB")
	b.ReportMetric(rss(b, entry), "gw-MiB")
	for _, path := range []string{"/v1/inventory/invariants", "/v1/trade/invariants"} {
		var page struct{ Items []json.RawMessage }
		retailtest.Do(b, client, "GET", base+path, "", nil).JSON(b, &page)
		require.Empty(b, page.Items)
	}
}

// rss is the resident memory of a process in MiB.
func rss(t testing.TB, s *service) (mib float64) {
	raw, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(s.Process.Pid), "status"))
	require.NoError(t, err)
	for _, line := range strings.Split(string(raw), "\n") {
		if strings.HasPrefix(line, "VmRSS:") {
			_, err := fmt.Sscanf(line, "VmRSS: %f kB", &mib)
			require.NoError(t, err)
		}
	}
	return mib / 1024
}
