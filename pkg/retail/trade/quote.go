package trade

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/retail/money"
	"github.com/plazacloud/plaza/pkg/retail/problem"
	"github.com/plazacloud/plaza/pkg/retail/product"
)

// Item is one wanted line: Qty smallest units of SKU, from Node or from wherever it can be promised.
type Item struct {
	SKU  string `json:"sku"`
	Qty  int64  `json:"qty"`
	Node string `json:"node,omitempty"`
}

// Basket is the body of POST /v1/quotes. Store "" is the online shop of the channel.
type Basket struct {
	Channel string `json:"channel"`
	Store   string `json:"store,omitempty"`
	Member  string `json:"member,omitempty"`
	Lines   []Item `json:"lines"`
}

// SpendOff takes Off from the goods when they come to Spend or more; the largest Off that applies is used.
type SpendOff struct {
	Spend int64 `json:"spend"`
	Off   int64 `json:"off"`
}

// Policy prices what is not the goods. Amounts are minor units of Currency. PickUp lists the
// channels whose buyers carry the goods home, without freight.
type Policy struct {
	Currency    string     `json:"currency"`
	Freight     int64      `json:"freight"`
	FreeFreight int64      `json:"freeFreightFrom"`
	PickUp      []string   `json:"pickUpChannels"`
	SpendOff    []SpendOff `json:"spendOff"`
}

// DefaultPolicy is ¥8.00 freight, free from ¥99.00, and none for goods handed over in a store.
func DefaultPolicy() Policy {
	return Policy{Currency: "CNY", Freight: 800, FreeFreight: 9900, PickUp: []string{"pos", "store"}}
}

// PricedLine is a line with its price snapshot: gross = unitPrice × qty, payable = gross − discount.
type PricedLine struct {
	SKU       string `json:"sku"`
	NameZH    string `json:"nameZh"`
	NameEN    string `json:"nameEn"`
	Node      string `json:"node,omitempty"`
	Qty       int64  `json:"qty"`
	UnitPrice int64  `json:"unitPrice"`
	Gross     int64  `json:"gross"`
	Discount  int64  `json:"discount"`
	Payable   int64  `json:"payable"`
}

// Quote is a priced basket: goods = Σ gross, discount = Σ line discounts, payable = goods −
// discount + freight = Σ line payable + freight. Token proves it to POST /v1/orders until ExpiresAt.
type Quote struct {
	Channel   string       `json:"channel"`
	Store     string       `json:"store"`
	Member    string       `json:"member,omitempty"`
	Currency  string       `json:"currency"`
	Lines     []PricedLine `json:"lines"`
	Goods     int64        `json:"goods"`
	Discount  int64        `json:"discount"`
	Freight   int64        `json:"freight"`
	Payable   int64        `json:"payable"`
	Trace     []string     `json:"trace"`
	ExpiresAt time.Time    `json:"expiresAt"`
	Token     string       `json:"token,omitempty"`
}

// Price computes a quote from the basket and the products; it reads and writes nothing else.
func Price(p Policy, b Basket, products map[string]product.Product) (*Quote, error) {
	if b.Channel == "" || len(b.Lines) == 0 || len(b.Lines) > 200 {
		return nil, problem.Invalid("bad_basket", "A basket needs a channel and 1 to 200 lines.", "Give both.")
	}
	q := &Quote{Channel: b.Channel, Store: b.Store, Member: b.Member, Currency: p.Currency, Trace: []string{}}
	gross := make([]int64, len(b.Lines))
	for i, item := range b.Lines {
		line, err := priceLine(p, item, products)
		if err != nil {
			return nil, err
		}
		gross[i] = line.Gross
		q.Lines = append(q.Lines, line)
	}
	var err error
	if q.Goods, err = money.Sum(gross...); err != nil {
		return nil, tooLarge()
	}
	if err := q.discount(p, gross); err != nil {
		return nil, err
	}
	q.freight(p)
	if q.Payable, err = money.Sum(q.Goods, -q.Discount, q.Freight); err != nil {
		return nil, tooLarge()
	}
	return q, nil
}

func priceLine(p Policy, item Item, products map[string]product.Product) (l PricedLine, err error) {
	k, ok := products[item.SKU]
	switch {
	case item.Qty <= 0:
		return l, problem.Invalid("bad_quantity", "Every line needs a positive quantity.", "Remove the line or raise its quantity.")
	case !ok || !k.Published:
		return l, problem.Invalid("not_for_sale", "SKU "+item.SKU+" is not for sale.", "List what is with GET /v1/products?published=true.")
	case k.Price == nil:
		return l, problem.Invalid("no_price", "SKU "+item.SKU+" has no price in this channel and store now.", "Set one, or choose another channel.")
	case k.Price.Currency != p.Currency:
		return l, problem.Invalid("other_currency", fmt.Sprintf("SKU %s is priced in %s, orders are in %s.", item.SKU, k.Price.Currency, p.Currency), "Give the SKU a price in "+p.Currency+".")
	}
	l = PricedLine{SKU: item.SKU, NameZH: k.NameZH, NameEN: k.NameEN, Node: item.Node, Qty: item.Qty, UnitPrice: k.Price.Amount}
	if l.Gross, err = money.Times(l.UnitPrice, l.Qty); err != nil {
		return l, tooLarge()
	}
	l.Payable = l.Gross
	return l, nil
}

func tooLarge() error {
	return problem.Invalid("amount_too_large", "The basket's amount does not fit.", "Split the basket.")
}

func (q *Quote) discount(p Policy, gross []int64) error {
	for _, s := range p.SpendOff {
		if q.Goods >= s.Spend && q.Goods > 0 {
			q.Discount = max(q.Discount, min(s.Off, q.Goods))
		}
	}
	if q.Discount == 0 {
		return nil
	}
	shares, err := money.Prorate(q.Discount, gross)
	if err != nil {
		return err
	}
	for i := range q.Lines {
		q.Lines[i].Discount = shares[i]
		q.Lines[i].Payable = q.Lines[i].Gross - shares[i]
	}
	q.Trace = append(q.Trace, fmt.Sprintf("spend-off %d, prorated over lines by largest remainder", q.Discount))
	return nil
}

func (q *Quote) freight(p Policy) {
	for _, c := range p.PickUp {
		if c == q.Channel {
			q.Trace = append(q.Trace, "no freight in channel "+c)
			return
		}
	}
	if q.Goods-q.Discount >= p.FreeFreight {
		q.Trace = append(q.Trace, fmt.Sprintf("free freight from %d", p.FreeFreight))
		return
	}
	q.Freight = p.Freight
	q.Trace = append(q.Trace, fmt.Sprintf("freight %d", p.Freight))
}

// seal signs the quote so that it can come back as it was given.
func (q Quote) seal(key []byte) (string, error) {
	q.Token = ""
	body, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	e := base64.RawURLEncoding
	return e.EncodeToString(body) + "." + e.EncodeToString(sign(key, body)), nil
}

// unseal returns the quote of a token, if this platform signed it.
func unseal(key []byte, token string) (*Quote, error) {
	bad := problem.Invalid("bad_quote", "The quote is not one this service gave out.", "Ask for a new quote.")
	head, tail, _ := strings.Cut(token, ".")
	body, err1 := base64.RawURLEncoding.DecodeString(head)
	mac, err2 := base64.RawURLEncoding.DecodeString(tail)
	if err1 != nil || err2 != nil || !hmac.Equal(mac, sign(key, body)) {
		return nil, bad
	}
	q := &Quote{}
	if json.Unmarshal(body, q) != nil {
		return nil, bad
	}
	return q, nil
}

func sign(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(body)
	return h.Sum(nil)
}
