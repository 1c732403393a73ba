package inventory

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/retail/centre"
)

// Client calls the inventory centre by its API. The host of its URLs is the app's name, which the
// transport of HTTP resolves to a node.
type Client struct{ HTTP *http.Client }

const root = "http://" + App + "/v1/inventory"

// Reserve holds stock; key makes it happen once.
func (c Client) Reserve(ctx context.Context, key string, in NewReservation) (*Reservation, error) {
	out := &Reservation{}
	return out, centre.Call(ctx, c.HTTP, http.MethodPost, root+"/reservations", key, in, out)
}

// Confirm takes the held stock out.
func (c Client) Confirm(ctx context.Context, key string, id uuid.UUID) error {
	return centre.Call(ctx, c.HTTP, http.MethodPost, root+"/reservations/"+id.String()+":confirm", key, nil, nil)
}

// Release gives the held stock back, or forbids a reservation that is still to come.
func (c Client) Release(ctx context.Context, key string, id uuid.UUID) error {
	return centre.Call(ctx, c.HTTP, http.MethodPost, root+"/reservations/"+id.String()+":release", key, nil, nil)
}

// ATP reads the network view of skus.
func (c Client) ATP(ctx context.Context, skus ...string) ([]ATP, error) {
	var page centre.Page[ATP]
	err := centre.Call(ctx, c.HTTP, http.MethodGet, root+"/atp?sku="+url.QueryEscape(strings.Join(skus, ",")), "", nil, &page)
	return page.Items, err
}
