package inventory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
)

func TestMain(m *testing.M) { retailtest.Main(m) }

type bench struct {
	*inventory.Service
	http *http.Client
}

func start(t testing.TB, admin string, level pgx.TxIsoLevel) bench {
	s := inventory.New(retailtest.Centre(t, admin, inventory.App, level, 12))
	mux := http.NewServeMux()
	s.Routes(mux)
	return bench{s, &http.Client{Transport: retailtest.Network{"inventory": mux}}}
}

const root = "http://inventory/v1/inventory"

func (b bench) post(t testing.TB, path, key string, body any) retailtest.Answer {
	t.Helper()
	return retailtest.Do(t, b.http, "POST", root+path, key, body)
}

func (b bench) stock(t testing.TB, lines ...inventory.Line) {
	t.Helper()
	for _, n := range []inventory.Node{{Code: "dc", Kind: "dc", Priority: 1}, {Code: "s1", Kind: "store", Priority: 2}, {Code: "road", Kind: "transit", Priority: 9}} {
		require.Equal(t, 200, b.post(t, "/nodes", "", n).Status)
	}
	require.Equal(t, 201, b.post(t, "/receipts", "", inventory.Receipt{Ref: "po", Lines: lines}).Status)
}

func (b bench) sound(t testing.TB) {
	t.Helper()
	breaches, err := b.Breaches(context.Background())
	require.NoError(t, err)
	require.Empty(t, breaches)
}

func (b bench) at(t testing.TB, sku, node string) inventory.Balance {
	t.Helper()
	all, err := inventory.Stock(context.Background(), b.Pool, []string{sku}, node)
	require.NoError(t, err)
	require.Len(t, all[0].Nodes, 1)
	return all[0].Nodes[0]
}

func want(qty int64, node string) inventory.NewReservation {
	return inventory.NewReservation{Ref: "test", TTL: 600, Lines: []inventory.Line{{SKU: "A", Node: node, Qty: qty}}}
}

var levels = []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead}

func TestTwoHundredBuyersNeverOversell(t *testing.T) {
	for _, level := range levels {
		t.Run(string(level), func(t *testing.T) {
			admin := retailtest.Database(t, inventory.App)
			b := start(t, admin, level)
			b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 100})
			var sold, refused atomic.Int64
			var wg sync.WaitGroup
			for range 200 {
				wg.Go(func() {
					qty := 1 + rand.Int64N(5)
					a, err := retailtest.Try(b.http, "POST", root+"/reservations", "", want(qty, "dc"))
					if err != nil {
						t.Error(err)
						return
					}
					switch a.Status {
					case 201:
						sold.Add(qty)
					case 409:
						refused.Add(1)
					default:
						t.Errorf("%d %s", a.Status, a.Body)
					}
				})
			}
			wg.Wait()
			require.LessOrEqual(t, sold.Load(), int64(100))
			require.Greater(t, sold.Load(), int64(95), "what fits is sold")
			require.EqualValues(t, sold.Load(), b.at(t, "A", "dc").Reserved)
			b.sound(t)
		})
	}
}

func TestBatchSumsDuplicateSKUsBeforeTheCheck(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 3})
	in := want(2, "dc")
	in.Lines = append(in.Lines, in.Lines[0])
	a := b.post(t, "/reservations", "", in)
	require.Equal(t, 409, a.Status)
	var p struct{ Short []inventory.Short }
	a.JSON(t, &p)
	require.Equal(t, []inventory.Short{{SKU: "A", Node: "dc", Wanted: 4, Available: 3}}, p.Short)
	in.Lines[1].Qty = 1
	require.Equal(t, 201, b.post(t, "/reservations", "", in).Status)
	require.EqualValues(t, 3, b.at(t, "A", "dc").Reserved)
	b.sound(t)
}

func TestBatchIsAllOrNothing(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 5}, inventory.Line{SKU: "B", Node: "dc", Qty: 1})
	in := want(2, "dc")
	in.Lines = append(in.Lines, inventory.Line{SKU: "B", Node: "dc", Qty: 2}, inventory.Line{SKU: "C", Node: "dc", Qty: 1})
	require.Equal(t, 409, b.post(t, "/reservations", "", in).Status)
	require.Zero(t, b.at(t, "A", "dc").Reserved)
	b.sound(t)
}

func TestReservationEndsOnce(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 10})
	hold := func() inventory.Reservation {
		var r inventory.Reservation
		b.post(t, "/reservations", "", want(4, "dc")).JSON(t, &r)
		return r
	}
	one := hold()
	require.Equal(t, 200, b.post(t, "/reservations/"+one.ID.String()+":release", "", nil).Status)
	require.Equal(t, 200, b.post(t, "/reservations/"+one.ID.String()+":release", "", nil).Status, "release twice is release once")
	require.Equal(t, 409, b.post(t, "/reservations/"+one.ID.String()+":confirm", "", nil).Status)
	require.EqualValues(t, 0, b.at(t, "A", "dc").Reserved)
	two := hold()
	require.Equal(t, 200, b.post(t, "/reservations/"+two.ID.String()+":confirm", "", nil).Status)
	require.Equal(t, 409, b.post(t, "/reservations/"+two.ID.String()+":release", "", nil).Status)
	require.EqualValues(t, 6, b.at(t, "A", "dc").OnHand)
	b.sound(t)
}

func TestConfirmReleaseAndExpireRace(t *testing.T) {
	for _, level := range levels {
		b := start(t, retailtest.Database(t, inventory.App), level)
		b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 40})
		for range 10 {
			in := want(1, "dc")
			in.TTL = 1
			var r inventory.Reservation
			b.post(t, "/reservations", "", in).JSON(t, &r)
			_, err := b.Pool.Exec(context.Background(), `UPDATE reservation SET expires_at = now() WHERE id = $1`, r.ID)
			require.NoError(t, err)
			var won atomic.Int64
			var wg sync.WaitGroup
			for _, verb := range []string{"confirm", "release", "confirm", "release"} {
				wg.Go(func() {
					a, err := retailtest.Try(b.http, "POST", root+"/reservations/"+r.ID.String()+":"+verb, "", nil)
					if err == nil && a.Status == 200 {
						won.Add(1)
					}
				})
			}
			wg.Go(func() { _, _ = b.Expire(context.Background(), 10) })
			wg.Wait()
			b.sound(t)
		}
		require.Zero(t, b.at(t, "A", "dc").Reserved)
	}
}

func TestReleaseThatOvertakesItsReserve(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 1})
	id := uuid.Must(uuid.NewV7())
	require.Equal(t, 200, b.post(t, "/reservations/"+id.String()+":release", "", nil).Status)
	in := want(1, "dc")
	in.ID = &id
	require.Equal(t, "reservation_exists", b.post(t, "/reservations", "", in).Reason())
	b.sound(t)
}

func TestTwoProcessesOneUnit(t *testing.T) {
	admin := retailtest.Database(t, inventory.App)
	a, b := start(t, admin, pgx.ReadCommitted), start(t, admin, pgx.RepeatableRead)
	a.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 1})
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			c := []bench{a, b}[i%2]
			if r, err := retailtest.Try(c.http, "POST", root+"/reservations", "", want(1, "")); err == nil && r.Status == 201 {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	a.sound(t)
}

func TestOpenNodeTakesTheFirstThatCanPromise(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 2}, inventory.Line{SKU: "A", Node: "s1", Qty: 5}, inventory.Line{SKU: "A", Node: "road", Qty: 50})
	var r inventory.Reservation
	b.post(t, "/reservations", "", want(3, "")).JSON(t, &r)
	require.Equal(t, "s1", r.Lines[0].Node)
	require.Equal(t, 409, b.post(t, "/reservations", "", want(3, "")).Status, "goods in transit are not promised")
}

func TestTransferConserves(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 10})
	total := func() (n int64) {
		require.NoError(t, b.Pool.QueryRow(context.Background(), `SELECT sum(on_hand) FROM balance`).Scan(&n))
		return n
	}
	var tr inventory.Transfer
	b.post(t, "/transfers", "", inventory.NewTransfer{SKU: "A", From: "dc", To: "s1", Qty: 4}).JSON(t, &tr)
	require.EqualValues(t, 10, total())
	require.EqualValues(t, 4, b.at(t, "A", "road").OnHand)
	require.Equal(t, 200, b.post(t, "/transfers/"+tr.ID.String()+":arrive", "", nil).Status)
	require.Equal(t, 409, b.post(t, "/transfers/"+tr.ID.String()+":arrive", "", nil).Status)
	require.EqualValues(t, 10, total())
	require.EqualValues(t, 4, b.at(t, "A", "s1").OnHand)
	require.Equal(t, 409, b.post(t, "/transfers", "", inventory.NewTransfer{SKU: "A", From: "dc", To: "s1", Qty: 7}).Status)
	b.sound(t)
}

func TestIdempotencyKey(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 10})
	first := b.post(t, "/reservations", "k1", want(1, "dc"))
	again := b.post(t, "/reservations", "k1", want(1, "dc"))
	require.Equal(t, first.Status, again.Status)
	require.Equal(t, string(first.Body), string(again.Body), "byte-identical")
	require.Equal(t, "idempotency_key_reused", b.post(t, "/reservations", "k1", want(2, "dc")).Reason())
	require.EqualValues(t, 1, b.at(t, "A", "dc").Reserved)

	short := b.post(t, "/reservations", "k2", want(100, "dc"))
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 200})
	require.Equal(t, string(short.Body), string(b.post(t, "/reservations", "k2", want(100, "dc")).Body), "a refusal is replayed too")
}

func TestMovementsAreAppendOnly(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	b.stock(t, inventory.Line{SKU: "A", Node: "dc", Qty: 10})
	_, err := b.Pool.Exec(context.Background(), `DELETE FROM movement`)
	require.ErrorContains(t, err, "append-only")
	_, err = b.Pool.Exec(context.Background(), `UPDATE balance SET reserved = 11`)
	require.ErrorContains(t, err, "balance_reserved")
}

func TestOverlappingBatchesDoNotDeadlock(t *testing.T) {
	b := start(t, retailtest.Database(t, inventory.App), pgx.ReadCommitted)
	var lines []inventory.Line
	for i := range 8 {
		lines = append(lines, inventory.Line{SKU: fmt.Sprint("S", i), Node: "dc", Qty: 1000})
	}
	b.stock(t, lines...)
	var wg sync.WaitGroup
	began := time.Now()
	for range 60 {
		wg.Go(func() {
			in := inventory.NewReservation{Ref: "r", TTL: 60}
			for _, i := range rand.Perm(8)[:4] {
				in.Lines = append(in.Lines, inventory.Line{SKU: fmt.Sprint("S", i), Qty: 2})
			}
			if a, err := retailtest.Try(b.http, "POST", root+"/reservations", "", in); err != nil || a.Status != 201 {
				t.Errorf("%v %s", err, a.Body)
			}
		})
	}
	wg.Wait()
	require.Less(t, time.Since(began), 20*time.Second)
	b.sound(t)
}
