package product

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/plazacloud/plaza/pkg/retail/centre"
)

// Client calls the product centre by its API. The host of its URLs is the app's name.
type Client struct{ HTTP *http.Client }

// Lookup reads skus with the prices that hold now for one channel and store.
func (c Client) Lookup(ctx context.Context, channel, store string, skus ...string) (map[string]Product, error) {
	q := url.Values{"channel": {channel}, "store": {store}, "skus": {strings.Join(skus, ",")}}
	var page centre.Page[Product]
	if err := centre.Call(ctx, c.HTTP, http.MethodGet, "http://"+App+"/v1/products?"+q.Encode(), "", nil, &page); err != nil {
		return nil, err
	}
	out := make(map[string]Product, len(page.Items))
	for _, p := range page.Items {
		out[p.SKU] = p
	}
	return out, nil
}
