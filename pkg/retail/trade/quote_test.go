package trade_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

func shelf(prices ...int64) map[string]product.Product {
	out := map[string]product.Product{}
	for i, p := range prices {
		sku := fmt.Sprint("S", i)
		out[sku] = product.Product{SKU: sku, Published: true, Price: &product.Price{Amount: p, Currency: "CNY"}}
	}
	return out
}

func TestDiscountSharesSumToTheDiscount(t *testing.T) {
	p := trade.Policy{Currency: "CNY", SpendOff: []trade.SpendOff{{Spend: 3000, Off: 1000}}}
	q, err := trade.Price(p, trade.Basket{Channel: "web", Lines: []trade.Item{{SKU: "S0", Qty: 1}, {SKU: "S1", Qty: 1}, {SKU: "S2", Qty: 1}}}, shelf(1000, 1000, 1000))
	require.NoError(t, err)
	require.EqualValues(t, 1000, q.Discount)
	require.Equal(t, []int64{334, 333, 333}, []int64{q.Lines[0].Discount, q.Lines[1].Discount, q.Lines[2].Discount})
	require.EqualValues(t, 2000, q.Payable)
}

func TestQuoteArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 1<<40)
		prices := rapid.SliceOfN(amount, 1, 8).Draw(t, "prices")
		policy := trade.Policy{Currency: "CNY", Freight: rapid.Int64Range(0, 5000).Draw(t, "freight"), FreeFreight: amount.Draw(t, "free"), PickUp: []string{"pos"}}
		for range rapid.IntRange(0, 3).Draw(t, "offers") {
			policy.SpendOff = append(policy.SpendOff, trade.SpendOff{Spend: amount.Draw(t, "spend"), Off: amount.Draw(t, "off")})
		}
		b := trade.Basket{Channel: rapid.SampledFrom([]string{"web", "pos"}).Draw(t, "channel")}
		for range rapid.IntRange(1, 12).Draw(t, "lines") {
			b.Lines = append(b.Lines, trade.Item{SKU: fmt.Sprint("S", rapid.IntRange(0, len(prices)-1).Draw(t, "sku")), Qty: rapid.Int64Range(1, 1<<10).Draw(t, "qty")})
		}
		q, err := trade.Price(policy, b, shelf(prices...))
		require.NoError(t, err)
		var goods, discount, payable int64
		for _, l := range q.Lines {
			require.Equal(t, l.UnitPrice*l.Qty, l.Gross)
			require.Equal(t, l.Gross-l.Discount, l.Payable)
			require.GreaterOrEqual(t, l.Payable, int64(0))
			require.GreaterOrEqual(t, l.Discount, int64(0))
			goods, discount, payable = goods+l.Gross, discount+l.Discount, payable+l.Payable
		}
		require.Equal(t, goods, q.Goods)
		require.Equal(t, discount, q.Discount)
		require.Equal(t, payable+q.Freight, q.Payable)
		again, err := trade.Price(policy, b, shelf(prices...))
		require.NoError(t, err)
		require.Equal(t, q, again, "the same basket costs the same")
	})
}

func TestQuoteRefuses(t *testing.T) {
	p, one := trade.DefaultPolicy(), func(sku string, qty int64) trade.Basket {
		return trade.Basket{Channel: "web", Lines: []trade.Item{{SKU: sku, Qty: qty}}}
	}
	for want, b := range map[string]trade.Basket{
		"bad_basket": {Channel: "web"}, "bad_quantity": one("S0", 0), "not_for_sale": one("X", 1), "amount_too_large": one("S0", 3),
	} {
		_, err := trade.Price(p, b, shelf(math.MaxInt64/2))
		require.ErrorContains(t, err, want)
	}
}
