package product_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
)

func TestMain(m *testing.M) { retailtest.Main(m) }

const root = "http://product/v1/products"

func start(t *testing.T) (*product.Service, *http.Client) {
	s := product.New(retailtest.Centre(t, retailtest.Database(t, product.App), product.App, pgx.ReadCommitted, 12))
	mux := http.NewServeMux()
	s.Routes(mux)
	c := &http.Client{Transport: retailtest.Network{"product": mux}}
	require.Equal(t, 200, retailtest.Do(t, c, "POST", root+"/categories", "", product.Named{Code: "tea", NameZH: "茶", NameEN: "Tea"}).Status)
	require.Equal(t, 200, retailtest.Do(t, c, "POST", root+"/brands", "", product.Named{Code: "b", NameZH: "牌", NameEN: "Brand"}).Status)
	return s, c
}

func add(t *testing.T, c *http.Client, sku string, barcodes ...string) retailtest.Answer {
	return retailtest.Do(t, c, "POST", root, "", product.NewProduct{SKU: sku, NameZH: "龙井 50%", NameEN: "Longjing", Category: "tea", Brand: "b", Barcodes: barcodes})
}

func get(t *testing.T, c *http.Client, path string) (p product.Product) {
	a := retailtest.Do(t, c, "GET", root+path, "", nil)
	require.Equal(t, 200, a.Status, string(a.Body))
	a.JSON(t, &p)
	return p
}

func price(t *testing.T, c *http.Client, sku string, in product.NewPrice) retailtest.Answer {
	in.Currency = "CNY"
	return retailtest.Do(t, c, "POST", root+"/"+sku+"/prices", "", in)
}

func TestPublishNeedsBarcodeAndPrice(t *testing.T) {
	_, c := start(t)
	require.Equal(t, 201, add(t, c, "A").Status)
	require.Equal(t, 201, add(t, c, "B", "20000001").Status)
	publish := func(sku string) retailtest.Answer {
		return retailtest.Do(t, c, "POST", root+"/"+sku+":publish", "", nil)
	}
	require.Equal(t, "not_sellable", publish("B").Reason())
	require.Equal(t, 201, price(t, c, "A", product.NewPrice{Amount: 100}).Status)
	require.Equal(t, "not_sellable", publish("A").Reason(), "no barcode")
	require.Equal(t, 201, price(t, c, "B", product.NewPrice{Amount: 100}).Status)
	require.Equal(t, 200, publish("B").Status)
	require.True(t, get(t, c, "/B").Published)
	require.Equal(t, 200, retailtest.Do(t, c, "POST", root+"/B:unpublish", "", nil).Status)
	require.False(t, get(t, c, "/B").Published)
	require.Equal(t, "barcode_taken", add(t, c, "C", "20000001").Reason())
}

func TestOnePriceAtEveryInstant(t *testing.T) {
	s, c := start(t)
	add(t, c, "A")
	require.Equal(t, 201, price(t, c, "A", product.NewPrice{Amount: 1000}).Status)
	later, latest := time.Now().Add(time.Hour).Truncate(time.Second), time.Now().Add(2*time.Hour).Truncate(time.Second)
	require.Equal(t, 201, price(t, c, "A", product.NewPrice{Amount: 800, From: &latest}).Status)
	require.Equal(t, 201, price(t, c, "A", product.NewPrice{Amount: 900, From: &later}).Status)
	require.Equal(t, 201, price(t, c, "A", product.NewPrice{Amount: 700, Channel: "app", Store: "s1"}).Status)
	at := func(query string, t2 time.Time) int64 {
		return get(t, c, "/A?"+query+"&at="+url.QueryEscape(t2.Format(time.RFC3339))).Price.Amount
	}
	require.EqualValues(t, 1000, get(t, c, "/A").Price.Amount)
	require.EqualValues(t, 900, at("", later), "from the very instant")
	require.EqualValues(t, 900, at("", latest.Add(-time.Second)))
	require.EqualValues(t, 800, at("", latest))
	require.EqualValues(t, 700, at("channel=app&store=s1", latest), "the most specific price wins")
	require.EqualValues(t, 800, at("channel=app&store=s2", latest))
	require.Equal(t, "price_exists", price(t, c, "A", product.NewPrice{Amount: 1, From: &latest}).Reason())
	past := time.Now().Add(-time.Hour)
	require.Equal(t, "price_in_the_past", price(t, c, "A", product.NewPrice{Amount: 1, From: &past}).Reason())
	_, err := s.Pool.Exec(context.Background(), `INSERT INTO price_list (id, sku, amount, currency, active)
		VALUES (gen_random_uuid(), 'A', 1, 'CNY', tstzrange(now(), now() + interval '1 minute'))`)
	require.True(t, centre.Violates(err, "price_list_one_active"), "%v", err)
}

func TestParallelPriceChangesLeaveNoOverlap(t *testing.T) {
	s, c := start(t)
	add(t, c, "A")
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			a, err := retailtest.Try(c, "POST", root+"/A/prices", "", product.NewPrice{Amount: int64(i), Currency: "CNY"})
			if err != nil || (a.Status != 201 && a.Reason() != "price_exists") {
				t.Errorf("%v %s", err, a.Body)
			}
		})
	}
	wg.Wait()
	var now, open int
	require.NoError(t, s.Pool.QueryRow(context.Background(), `SELECT count(*) FILTER (WHERE active @> now()),
		count(*) FILTER (WHERE upper_inf(active)) FROM price_list`).Scan(&now, &open))
	require.Equal(t, 1, now)
	require.Equal(t, 1, open)
}

func TestEditNeedsTheVersion(t *testing.T) {
	_, c := start(t)
	add(t, c, "A")
	patch := func(header ...string) retailtest.Answer {
		return retailtest.Do(t, c, "PATCH", root+"/A", "", map[string]string{"nameEn": "Dragon well"}, header...)
	}
	require.Equal(t, http.StatusPreconditionRequired, patch().Status)
	a := patch("If-Match", `"1"`)
	require.Equal(t, 200, a.Status, string(a.Body))
	require.Equal(t, `"2"`, a.Header.Get("ETag"))
	require.Equal(t, http.StatusPreconditionFailed, patch("If-Match", `"1"`).Status)
	require.Equal(t, "Dragon well", get(t, c, "/A").NameEN)
}

func TestListPagesAndSearches(t *testing.T) {
	_, c := start(t)
	for i := range 7 {
		add(t, c, fmt.Sprintf("K%d", i))
	}
	var got []string
	cursor := ""
	for {
		var p centre.Page[product.Product]
		retailtest.Do(t, c, "GET", root+"?limit=3&cursor="+cursor, "", nil).JSON(t, &p)
		for _, i := range p.Items {
			got = append(got, i.SKU)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, []string{"K0", "K1", "K2", "K3", "K4", "K5", "K6"}, got)
	find := func(q string) int {
		var p centre.Page[product.Product]
		retailtest.Do(t, c, "GET", root+"?q="+url.QueryEscape(q), "", nil).JSON(t, &p)
		return len(p.Items)
	}
	require.Equal(t, 7, find("50%"))
	require.Equal(t, 0, find("50_"))
	require.Equal(t, 7, find("龙井"))
}
