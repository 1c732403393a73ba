package trade_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

func TestMain(m *testing.M) {
	if child() {
		return
	}
	retailtest.Main(m)
}

// shop is the three centres over one database, joined by their HTTP APIs.
type shop struct {
	*trade.Service
	inv  *inventory.Service
	http *http.Client
	net  retailtest.Network
}

var callbackKey = []byte("callback key of the tests")

func config(net http.RoundTripper) trade.Config {
	return trade.Config{HTTP: &http.Client{Transport: net, Timeout: 10 * time.Second}, QuoteKey: []byte("quote key"),
		CallbackKey: func(string) []byte { return callbackKey }, Policy: trade.DefaultPolicy(), RetryAfter: 200 * time.Millisecond}
}

func open(t testing.TB, admin string, level pgx.TxIsoLevel, change func(*trade.Config)) *shop {
	t.Helper()
	s := &shop{net: retailtest.Network{}}
	s.inv = inventory.New(retailtest.Centre(t, admin, inventory.App, level, 12))
	p := product.New(retailtest.Centre(t, admin, product.App, level, 8))
	cfg := config(s.net)
	if change != nil {
		change(&cfg)
	}
	s.Service = trade.New(retailtest.Centre(t, admin, trade.App, level, 12), cfg)
	for app, m := range map[string]interface{ Routes(*http.ServeMux) }{inventory.App: s.inv, product.App: p, trade.App: s.Service} {
		mux := http.NewServeMux()
		m.Routes(mux)
		s.net[app] = mux
	}
	s.http = &http.Client{Transport: s.net}
	return s
}

func database(t testing.TB) string {
	return retailtest.Database(t, product.App, inventory.App, trade.App)
}

func (s *shop) post(t testing.TB, url, key string, body any) retailtest.Answer {
	t.Helper()
	return retailtest.Do(t, s.http, "POST", url, key, body)
}

// stock puts SKU A on sale for ¥10.00 with qty units.
func (s *shop) stock(t testing.TB, qty int64) {
	t.Helper()
	ok := func(a retailtest.Answer) { t.Helper(); require.Less(t, a.Status, 300, string(a.Body)) }
	const p, i = "http://product/v1/products", "http://inventory/v1/inventory"
	ok(s.post(t, p+"/categories", "", product.Named{Code: "c", NameZH: "类", NameEN: "Class"}))
	ok(s.post(t, p+"/brands", "", product.Named{Code: "b", NameZH: "牌", NameEN: "Brand"}))
	ok(s.post(t, p, "", product.NewProduct{SKU: "A", NameZH: "甲", NameEN: "A", Category: "c", Brand: "b", Barcodes: []string{"20000001"}}))
	ok(s.post(t, p+"/A/prices", "", product.NewPrice{Amount: 1000, Currency: "CNY"}))
	ok(s.post(t, p+"/A:publish", "", nil))
	ok(s.post(t, i+"/nodes", "", inventory.Node{Code: "dc", Kind: "dc"}))
	ok(s.post(t, i+"/receipts", "", inventory.Receipt{Ref: "po", Lines: []inventory.Line{{SKU: "A", Node: "dc", Qty: qty}}}))
}

func basket(qty int64) trade.NewOrder {
	return trade.NewOrder{Basket: trade.Basket{Channel: "pos", Lines: []trade.Item{{SKU: "A", Qty: qty}}}}
}

const orders, payments = "http://trade/v1/orders", "http://trade/v1/payments"

func (s *shop) order(t testing.TB, qty int64) (o trade.Order) {
	t.Helper()
	a := s.post(t, orders, "", basket(qty))
	require.Equal(t, 201, a.Status, string(a.Body))
	a.JSON(t, &o)
	return o
}

func (s *shop) read(t testing.TB, id uuid.UUID) (o trade.Order) {
	t.Helper()
	retailtest.Do(t, s.http, "GET", orders+"/"+id.String(), "", nil).JSON(t, &o)
	return o
}

func (s *shop) payment(t testing.TB, o trade.Order, amount *int64) (p trade.Payment) {
	t.Helper()
	a := s.post(t, payments, "", trade.NewPayment{OrderID: o.ID, Tender: "bank", Amount: amount})
	require.Equal(t, 201, a.Status, string(a.Body))
	a.JSON(t, &p)
	return p
}

func callback(c *http.Client, p trade.Payment, result string) (retailtest.Answer, error) {
	body, _ := json.Marshal(trade.Callback{PaymentID: p.ID, ChannelRef: "r1", Result: result, Amount: p.Amount, Currency: p.Currency})
	return retailtest.Try(c, "POST", payments+"/callbacks/bank", "", body, trade.SignatureHeader, signature(body))
}

func signature(body []byte) string {
	h := hmac.New(sha256.New, callbackKey)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func (s *shop) balance(t testing.TB) (onHand, reserved int64) {
	t.Helper()
	all, err := inventory.Stock(context.Background(), s.inv.Pool, []string{"A"}, "dc")
	require.NoError(t, err)
	return all[0].Nodes[0].OnHand, all[0].Nodes[0].Reserved
}

func (s *shop) sound(t testing.TB) {
	t.Helper()
	a, err := s.Breaches(context.Background())
	require.NoError(t, err)
	require.Empty(t, a)
	b, err := s.inv.Breaches(context.Background())
	require.NoError(t, err)
	require.Empty(t, b)
}

func (s *shop) count(t testing.TB, sql string) (n int64) {
	t.Helper()
	require.NoError(t, s.Pool.QueryRow(context.Background(), sql).Scan(&n))
	return n
}

var levels = []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead}

func TestOrderIsPlacedPaidAndCompleted(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, nil)
	s.stock(t, 10)
	o := s.order(t, 3)
	require.EqualValues(t, 3000, o.Payable)
	half := int64(1200)
	one, two := s.payment(t, o, &half), s.payment(t, o, nil)
	require.EqualValues(t, 1800, two.Amount, "the second tender is what is left")
	_, err := callback(s.http, one, "succeeded")
	require.NoError(t, err)
	require.Equal(t, "awaiting_payment", s.read(t, o.ID).State)
	_, err = callback(s.http, two, "succeeded")
	require.NoError(t, err)
	require.Equal(t, "confirmed", s.read(t, o.ID).State)
	onHand, reserved := s.balance(t)
	require.EqualValues(t, 7, onHand)
	require.Zero(t, reserved)
	require.Equal(t, 200, s.post(t, orders+"/"+o.ID.String()+":complete", "", nil).Status)
	require.Equal(t, "order_not_cancellable", s.post(t, orders+"/"+o.ID.String()+":cancel", "", nil).Reason())
	s.sound(t)
}

func TestPriceIsASnapshot(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, nil)
	s.stock(t, 10)
	var q trade.Quote
	s.post(t, "http://trade/v1/quotes", "", basket(1).Basket).JSON(t, &q)
	require.Equal(t, 201, s.post(t, "http://product/v1/products/A/prices", "", product.NewPrice{Amount: 5000, Currency: "CNY"}).Status)
	var o trade.Order
	s.post(t, orders, "", trade.NewOrder{Quote: q.Token}).JSON(t, &o)
	require.EqualValues(t, 1000, o.Payable)
	require.EqualValues(t, 5000, s.order(t, 1).Payable)
	require.Equal(t, "bad_quote", s.post(t, orders, "", trade.NewOrder{Quote: q.Token[:len(q.Token)-4] + "AAAA"}).Reason())
}

func TestSameKeyFiftyTimesIsOneOrder(t *testing.T) {
	for _, level := range levels {
		s := open(t, database(t), level, nil)
		s.stock(t, 100)
		var mu sync.Mutex
		answers := map[string]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for range 200 {
					a, err := retailtest.Try(s.http, "POST", orders, "the key", basket(2))
					if err == nil && a.Reason() == "idempotency_in_progress" {
						time.Sleep(5 * time.Millisecond)
						continue
					}
					if err != nil || a.Status != 201 {
						t.Errorf("%v %d %s", err, a.Status, a.Body)
					}
					mu.Lock()
					answers[string(a.Body)]++
					mu.Unlock()
					return
				}
				t.Error("no answer after 200 tries")
			})
		}
		wg.Wait()
		require.Len(t, answers, 1, "byte-identical")
		require.EqualValues(t, 1, s.count(t, `SELECT count(*) FROM orders`))
		require.Equal(t, "idempotency_key_reused", s.post(t, orders, "the key", basket(3)).Reason())
		_, reserved := s.balance(t)
		require.EqualValues(t, 2, reserved)
		s.sound(t)
	}
}

func TestShortStockIsRefusedForGood(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, nil)
	s.stock(t, 3)
	a := s.post(t, orders, "k", basket(4))
	require.Equal(t, "insufficient_stock", a.Reason())
	require.Equal(t, string(a.Body), string(s.post(t, orders, "k", basket(4)).Body))
	twice := basket(2)
	twice.Lines = append(twice.Lines, twice.Lines[0])
	require.Equal(t, "insufficient_stock", s.post(t, orders, "", twice).Reason(), "the same SKU twice is summed")
	require.Zero(t, s.count(t, `SELECT count(*) FROM orders`))
	s.sound(t)
}

func TestCallbackReplayedFiftyTimes(t *testing.T) {
	for _, level := range levels {
		s := open(t, database(t), level, nil)
		s.stock(t, 10)
		o := s.order(t, 2)
		p := s.payment(t, o, nil)
		hammer(t, s, p)
		require.Equal(t, "confirmed", s.read(t, o.ID).State)
		require.EqualValues(t, 2000, s.read(t, o.ID).Paid)
		onHand, reserved := s.balance(t)
		require.EqualValues(t, 8, onHand, "the stock went out once")
		require.Zero(t, reserved)
		require.Zero(t, s.count(t, `SELECT count(*) FROM refund`))
		s.sound(t)

		late := s.order(t, 1)
		lp := s.payment(t, late, nil)
		require.Equal(t, 200, s.post(t, orders+"/"+late.ID.String()+":cancel", "", nil).Status)
		hammer(t, s, lp)
		got := s.read(t, late.ID)
		require.Equal(t, "cancelled", got.State)
		require.Zero(t, got.Paid)
		require.Len(t, got.Refunds, 1, "a late payment is refunded once")
		require.EqualValues(t, 1000, got.Refunds[0].Amount)
		_, reserved = s.balance(t)
		require.Zero(t, reserved)
		s.sound(t)
	}
}

func hammer(t *testing.T, s *shop, p trade.Payment) {
	t.Helper()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if a, err := callback(s.http, p, "succeeded"); err != nil || a.Status != 200 {
				t.Errorf("%v %d %s", err, a.Status, a.Body)
			}
		})
	}
	wg.Wait()
	require.Eventually(t, func() bool {
		_, err := s.Recover(context.Background(), 10)
		return err == nil && s.count(t, `SELECT count(*) FROM saga WHERE step IN ('paid', 'cancelling')`) == 0
	}, 10*time.Second, 20*time.Millisecond)
}

func TestCancelAndCallbackRace(t *testing.T) {
	for _, level := range levels {
		s := open(t, database(t), level, nil)
		s.stock(t, 100)
		for range 10 {
			o := s.order(t, 1)
			p := s.payment(t, o, nil)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { _, _ = callback(s.http, p, "succeeded") })
				wg.Go(func() { _, _ = retailtest.Try(s.http, "POST", orders+"/"+o.ID.String()+":cancel", "", nil) })
			}
			wg.Wait()
		}
		require.Eventually(t, func() bool {
			_, err := s.Recover(context.Background(), 50)
			return err == nil && s.count(t, `SELECT count(*) FROM saga WHERE step NOT IN ('confirmed', 'cancelled')`) == 0
		}, 10*time.Second, 20*time.Millisecond)
		onHand, reserved := s.balance(t)
		require.EqualValues(t, 100-s.count(t, `SELECT count(*) FROM orders WHERE state = 'confirmed'`), onHand)
		require.Zero(t, reserved)
		require.EqualValues(t, s.count(t, `SELECT count(*) FROM orders WHERE state = 'cancelled'`), s.count(t, `SELECT count(*) FROM refund`))
		s.sound(t)
	}
}

func TestBadCallbacks(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, nil)
	s.stock(t, 10)
	p := s.payment(t, s.order(t, 1), nil)
	require.Equal(t, "bad_signature", s.post(t, payments+"/callbacks/bank", "", trade.Callback{PaymentID: p.ID}).Reason())
	wrong := p
	wrong.Amount = 1
	a, err := callback(s.http, wrong, "succeeded")
	require.NoError(t, err)
	require.Equal(t, "callback_mismatch", a.Reason())
	o := s.order(t, 1)
	require.Equal(t, "bad_tender", s.post(t, payments, "", trade.NewPayment{OrderID: o.ID, Tender: trade.SimulatorTender}).Reason(), "the simulator is off")
}

func TestUnpaidOrderIsCancelledInTime(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, func(c *trade.Config) { c.PayWithin = time.Second })
	s.stock(t, 10)
	o := s.order(t, 4)
	require.Eventually(t, func() bool {
		_, _ = s.Recover(context.Background(), 10)
		return s.read(t, o.ID).State == "cancelled"
	}, 10*time.Second, 50*time.Millisecond)
	_, reserved := s.balance(t)
	require.Zero(t, reserved)
	require.Equal(t, "not_paid_in_time", s.read(t, o.ID).Reason)
	s.sound(t)
}

func TestPaidOrderWithoutStockIsRefunded(t *testing.T) {
	s := open(t, database(t), pgx.ReadCommitted, nil)
	s.stock(t, 10)
	o := s.order(t, 4)
	p := s.payment(t, o, nil)
	_, err := s.inv.Pool.Exec(context.Background(), `UPDATE reservation SET expires_at = now()`)
	require.NoError(t, err)
	n, err := s.inv.Expire(context.Background(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = callback(s.http, p, "succeeded")
	require.NoError(t, err)
	got := s.read(t, o.ID)
	require.Equal(t, "cancelled", got.State)
	require.Len(t, got.Refunds, 1)
	onHand, _ := s.balance(t)
	require.EqualValues(t, 10, onHand)
	s.sound(t)
}

// flaky lets the first n calls to an app fail after they took effect: the answer is lost.
type flaky struct {
	next http.RoundTripper
	app  string
	lose atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(r)
	if r.URL.Host == f.app && f.lose.Add(-1) >= 0 {
		return nil, errors.New("the answer was lost")
	}
	return resp, err
}

func TestLostAnswersAreFinishedByRecovery(t *testing.T) {
	f := &flaky{app: inventory.App}
	s := open(t, database(t), pgx.ReadCommitted, func(c *trade.Config) { f.next = c.HTTP.Transport; c.HTTP = &http.Client{Transport: f} })
	s.stock(t, 10)
	f.lose.Store(2)
	a := s.post(t, orders, "k", basket(2))
	require.Equal(t, 503, a.Status, string(a.Body))
	require.Eventually(t, func() bool {
		_, _ = s.Recover(context.Background(), 10)
		a = s.post(t, orders, "k", basket(2))
		return a.Status == 201
	}, 10*time.Second, 50*time.Millisecond)
	_, reserved := s.balance(t)
	require.EqualValues(t, 2, reserved)
	s.sound(t)
}

func TestUnreachableStockIsAbandonedAndReleased(t *testing.T) {
	f := &flaky{app: inventory.App}
	s := open(t, database(t), pgx.ReadCommitted, func(c *trade.Config) {
		f.next, c.AbandonAge = c.HTTP.Transport, 500*time.Millisecond
		c.HTTP = &http.Client{Transport: f}
	})
	s.stock(t, 10)
	f.lose.Store(5)
	require.Equal(t, 503, s.post(t, orders, "k", basket(2)).Status)
	time.Sleep(600 * time.Millisecond)
	require.Eventually(t, func() bool {
		_, _ = s.Recover(context.Background(), 10)
		return s.count(t, `SELECT count(*) FROM saga WHERE step = 'cancelled'`) == 1
	}, 10*time.Second, 50*time.Millisecond)
	require.Equal(t, "order_abandoned", s.post(t, orders, "k", basket(2)).Reason())
	_, reserved := s.balance(t)
	require.Zero(t, reserved)
	s.sound(t)
}
