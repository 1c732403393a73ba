package inventory_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
)

// BenchmarkReserve measures reservations per second through the handler. RETAILTEST_FSYNC=on
// makes commits durable, as in production.
func BenchmarkReserve(b *testing.B) {
	for _, skus := range []int{1, 100} {
		b.Run(fmt.Sprintf("skus=%d", skus), func(b *testing.B) {
			s := start(b, retailtest.Database(b, inventory.App), pgx.ReadCommitted)
			var lines []inventory.Line
			for i := range skus {
				lines = append(lines, inventory.Line{SKU: fmt.Sprint("S", i), Node: "dc", Qty: 1 << 30})
			}
			s.stock(b, lines...)
			var n atomic.Int64
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					in := inventory.NewReservation{Ref: "bench", TTL: 600, Lines: []inventory.Line{{SKU: fmt.Sprint("S", n.Add(1)%int64(skus)), Node: "dc", Qty: 1}}}
					if a, err := retailtest.Try(s.http, "POST", root+"/reservations", "", in); err != nil || a.Status != 201 {
						b.Errorf("%v %s", err, a.Body)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reserve/s")
			s.sound(b)
		})
	}
}
