// Package product is the unified product centre: one SPU and SKU sold by every channel, with
// barcodes and prices that are effective from a stated instant.
package product

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
const App = "product"

//go:embed migrations/*.sql
var files embed.FS

func init() {
	own, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err)
	}
	centre.Register(App, own)
}

// Product is one SKU as it is sold. Price is nil where no price is effective.
type Product struct {
	SKU       string    `json:"sku"`
	ID        uuid.UUID `json:"id"`
	SPU       uuid.UUID `json:"spu"`
	NameZH    string    `json:"nameZh"`
	NameEN    string    `json:"nameEn"`
	Category  string    `json:"category"`
	Brand     string    `json:"brand"`
	Unit      string    `json:"unit"`
	Barcodes  []string  `json:"barcodes"`
	Published bool      `json:"published"`
	Price     *Price    `json:"price,omitempty"`
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Price is an amount in minor units, effective in [From, To). Channel and Store are "*" for all.
type Price struct {
	ID       uuid.UUID  `json:"id"`
	SKU      string     `json:"sku"`
	Channel  string     `json:"channel"`
	Store    string     `json:"store"`
	Amount   int64      `json:"amount"`
	Currency string     `json:"currency"`
	From     time.Time  `json:"from"`
	To       *time.Time `json:"to,omitempty"`
}

// Service answers the product centre's API.
type Service struct{ *centre.Centre }

// New makes the service on its centre.
func New(c *centre.Centre) *Service { return &Service{c} }

// Run has no background work in this centre; it waits for ctx.
func (s *Service) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Routes mounts the API on mux.
func (s *Service) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/products", centre.Get(s.Centre, s.list))
	mux.HandleFunc("POST /v1/products", centre.Post(s.Centre, s.create))
	mux.HandleFunc("GET /v1/products/{sku}", centre.Get(s.Centre, s.get))
	mux.HandleFunc("PATCH /v1/products/{sku}", s.edit)
	mux.HandleFunc("POST /v1/products/{verb}", s.verb)
	mux.HandleFunc("GET /v1/products/{sku}/prices", centre.Get(s.Centre, s.prices))
	mux.HandleFunc("POST /v1/products/{sku}/prices", centre.Post(s.Centre, s.setPrice))
	mux.HandleFunc("POST /v1/products/categories", centre.Post(s.Centre, s.putCategory))
	mux.HandleFunc("POST /v1/products/brands", centre.Post(s.Centre, s.putBrand))
}
