package entry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

// VerifyOptions say what to verify. Pay also pays one order with the simulator, which lowers the
// stock by one; without it the order is cancelled and the stock is as before. Header goes with
// every request, to choose a lane.
type VerifyOptions struct {
	Pay    bool
	Header http.Header
}

type verifier struct {
	client *http.Client
	base   string
	opts   VerifyOptions
}

// Verify checks the invariants and makes a smoke sale through the entry at base.
func Verify(ctx context.Context, client *http.Client, base string, o VerifyOptions) []Check {
	own := *client
	own.Transport = withHeader{o.Header, client.Transport}
	v := verifier{&own, base, o}
	checks := []Check{
		v.run(ctx, "inventory invariants", func(ctx context.Context) error { return v.noBreaches(ctx, "/v1/inventory/invariants") }),
		v.run(ctx, "trade invariants", func(ctx context.Context) error { return v.noBreaches(ctx, "/v1/trade/invariants") }),
		v.run(ctx, "place-order smoke", func(ctx context.Context) error { return v.sale(ctx, false) }),
	}
	if o.Pay {
		checks = append(checks, v.run(ctx, "paid-order smoke", func(ctx context.Context) error { return v.sale(ctx, true) }))
	}
	return checks
}

type withHeader struct {
	header http.Header
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (h withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for k, v := range h.header {
		r.Header[k] = v
	}
	next := h.next
	if next == nil {
		next = http.DefaultTransport
	}
	return next.RoundTrip(r)
}

func (v verifier) run(ctx context.Context, name string, fn func(context.Context) error) Check {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	start := time.Now()
	c := Check{Name: name, OK: true, At: start.UTC()}
	if err := fn(ctx); err != nil {
		c.OK, c.Error = false, err.Error()
	}
	c.MS = time.Since(start).Milliseconds()
	return c
}

func (v verifier) get(ctx context.Context, path string, out any) error {
	return centre.Call(ctx, v.client, http.MethodGet, v.base+path, "", nil, out)
}

func (v verifier) post(ctx context.Context, path string, in, out any) error {
	return centre.Call(ctx, v.client, http.MethodPost, v.base+path, uuid.NewString(), in, out)
}

func (v verifier) noBreaches(ctx context.Context, path string) error {
	var page centre.Page[trade.Breach]
	if err := v.get(ctx, path, &page); err != nil {
		return err
	}
	if len(page.Items) > 0 {
		return fmt.Errorf("%d breaches, the first: %+v", len(page.Items), page.Items[0])
	}
	return nil
}

func (v verifier) sale(ctx context.Context, pay bool) error {
	sku, err := v.sellable(ctx)
	if err != nil {
		return err
	}
	basket := trade.Basket{Channel: "smoke", Lines: []trade.Item{{SKU: sku, Qty: 1}}}
	var q trade.Quote
	if err := v.post(ctx, "/v1/quotes", basket, &q); err != nil {
		return fmt.Errorf("quote: %w", err)
	}
	var o trade.Order
	if err := v.post(ctx, "/v1/orders", trade.NewOrder{Quote: q.Token}, &o); err != nil {
		return fmt.Errorf("place: %w", err)
	}
	want := "cancelled"
	if pay {
		want = "confirmed"
		err = v.post(ctx, "/v1/payments", trade.NewPayment{OrderID: o.ID, Tender: trade.SimulatorTender}, nil)
	} else {
		err = v.post(ctx, "/v1/orders/"+o.ID.String()+":cancel", nil, nil)
	}
	if err != nil {
		return fmt.Errorf("order %s: %w", o.ID, err)
	}
	return v.settled(ctx, o, q, want)
}

func (v verifier) settled(ctx context.Context, o trade.Order, q trade.Quote, want string) error {
	for {
		if err := v.get(ctx, "/v1/orders/"+o.ID.String(), &o); err != nil {
			return err
		}
		if o.State == want && o.Payable == q.Payable {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("order %s is %s with payable %d, want %s with %d", o.ID, o.State, o.Payable, want, q.Payable)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// sellable finds the published SKU that can be promised best.
func (v verifier) sellable(ctx context.Context) (string, error) {
	var page centre.Page[product.Product]
	if err := v.get(ctx, "/v1/products?published=true&limit=100", &page); err != nil {
		return "", err
	}
	path := "/v1/inventory/atp?sku="
	for i, p := range page.Items {
		if i > 0 {
			path += ","
		}
		path += p.SKU
	}
	if len(page.Items) == 0 {
		return "", fmt.Errorf("no product is published: run `retaild seed`")
	}
	var stock centre.Page[inventory.ATP]
	if err := v.get(ctx, path, &stock); err != nil {
		return "", err
	}
	best := inventory.ATP{}
	for _, s := range stock.Items {
		if s.ATP > best.ATP {
			best = s
		}
	}
	if best.ATP == 0 {
		return "", fmt.Errorf("no published product has stock")
	}
	return best.SKU, nil
}
