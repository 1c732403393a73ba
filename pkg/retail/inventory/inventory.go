// Package inventory is the unified inventory centre: balances per SKU and node, append-only
// movements, reservations with a time to live, transfers, and what is available to promise.
//
// Every change of a balance is one guarded statement that writes its movement too, so two
// processes are as safe as one, and Σ movements = balance at every instant.
package inventory

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/retail/centre"
)

// App is the name of the schema, the login role and the Dpath app.
const App = "inventory"

//go:embed migrations/*.sql
var files embed.FS

func init() {
	own, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err)
	}
	centre.Register(App, own)
}

// Line asks for Qty smallest units of SKU at Node; an empty Node lets the centre choose the first
// node, by priority, that can promise the whole quantity.
type Line struct {
	SKU  string `json:"sku"`
	Node string `json:"node,omitempty"`
	Qty  int64  `json:"qty"`
}

// Reservation states. Held is the only one that is not terminal.
const (
	Held      = "held"
	Confirmed = "confirmed"
	Released  = "released"
	Expired   = "expired"
)

// Reservation is stock set aside until ExpiresAt. Lines are the summed, placed lines.
type Reservation struct {
	ID        uuid.UUID `json:"id"`
	Ref       string    `json:"ref"`
	State     string    `json:"state"`
	ExpiresAt time.Time `json:"expiresAt"`
	Lines     []Line    `json:"lines"`
}

// Short is one line that cannot be promised.
type Short struct {
	SKU       string `json:"sku"`
	Node      string `json:"node,omitempty"`
	Wanted    int64  `json:"wanted"`
	Available int64  `json:"available"`
}

// Service answers the inventory centre's API.
type Service struct {
	*centre.Centre
	queues [queues]queue
}

// New makes the service on its centre.
func New(c *centre.Centre) *Service { return &Service{Centre: c} }

// Routes mounts the API on mux.
func (s *Service) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/inventory/nodes", centre.Get(s.Centre, s.nodes))
	mux.HandleFunc("POST /v1/inventory/nodes", centre.Post(s.Centre, s.putNode))
	mux.HandleFunc("GET /v1/inventory/atp", centre.Get(s.Centre, s.atp))
	mux.HandleFunc("GET /v1/inventory/movements", centre.Get(s.Centre, s.movements))
	mux.HandleFunc("POST /v1/inventory/receipts", centre.Post(s.Centre, s.receive))
	mux.HandleFunc("POST /v1/inventory/adjustments", centre.Post(s.Centre, s.adjust))
	mux.HandleFunc("POST /v1/inventory/transfers", centre.Post(s.Centre, s.ship))
	mux.HandleFunc("POST /v1/inventory/transfers/{verb}", s.transferVerb)
	mux.HandleFunc("POST /v1/inventory/reservations", s.serveReserve)
	mux.HandleFunc("GET /v1/inventory/reservations/{id}", centre.Get(s.Centre, s.get))
	mux.HandleFunc("POST /v1/inventory/reservations/{verb}", s.reservationVerb)
	mux.HandleFunc("GET /v1/inventory/invariants", centre.Get(s.Centre, s.invariants))
}

// Run expires reservations until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	return centre.Every(ctx, s.Log, 2*time.Second, "expire", func(ctx context.Context) (bool, error) {
		n, err := s.Expire(ctx, 50)
		return n == 50, err
	})
}
