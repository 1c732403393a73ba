// Package trade is the unified trade centre: quotes, orders and payments of every channel. An
// order is placed by a saga that is written down before each step, so a process killed anywhere
// leaves work that is finished or undone, never half.
package trade

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/problem"
	"github.com/plazacloud/plaza/pkg/retail/product"
)

// App is the name of the schema, the login role and the Dpath app.
const App = "trade"

//go:embed migrations/*.sql
var files embed.FS

func init() {
	own, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err)
	}
	centre.Register(App, own)
}

// Config is what the centre needs beside its database. HTTP reaches the other centres by app
// name. QuoteKey signs quotes; CallbackKey gives the key that signs a payment channel's callbacks.
// Simulator lets payments of tender "simulator" succeed at once, for demonstrations and checks.
type Config struct {
	HTTP        *http.Client
	QuoteKey    []byte
	CallbackKey func(channel string) []byte
	Simulator   bool
	Policy      Policy
	QuoteFor    time.Duration // how long a quote holds, default 10 min
	PayWithin   time.Duration // how long an order waits for its payment, default 15 min
	RetryAfter  time.Duration // when an unattended saga is taken up, default 10 s
	AbandonAge  time.Duration // when a saga that cannot reserve is undone, default 1 min
	Lane        func(ctx context.Context, env string) context.Context
	Boundary    func(name string) // called after each durable step, for fault injection
}

// Service answers the trade centre's API and drives its sagas.
type Service struct {
	*centre.Centre
	Config
	stock    inventory.Client
	products product.Client
}

// New makes the service on its centre.
func New(c *centre.Centre, cfg Config) *Service {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&cfg.QuoteFor, 10*time.Minute)
	set(&cfg.PayWithin, 15*time.Minute)
	set(&cfg.RetryAfter, 10*time.Second)
	set(&cfg.AbandonAge, time.Minute)
	if cfg.Boundary == nil {
		cfg.Boundary = func(string) {}
	}
	if cfg.Lane == nil {
		cfg.Lane = centre.WithEnv
	}
	client := *cfg.HTTP
	client.Transport = centre.As{App: App, Next: client.Transport}
	return &Service{Centre: c, Config: cfg, stock: inventory.Client{HTTP: &client}, products: product.Client{HTTP: &client}}
}

// Routes mounts the API on mux.
func (s *Service) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/quotes", s.quote)
	mux.HandleFunc("POST /v1/orders", s.place)
	mux.HandleFunc("GET /v1/orders", centre.Get(s.Centre, s.list))
	mux.HandleFunc("GET /v1/orders/{id}", centre.Get(s.Centre, s.get))
	mux.HandleFunc("POST /v1/orders/{verb}", s.orderVerb)
	mux.HandleFunc("POST /v1/payments", s.pay)
	mux.HandleFunc("GET /v1/payments/{id}", centre.Get(s.Centre, s.getPayment))
	mux.HandleFunc("POST /v1/payments/callbacks/{channel}", s.callback)
	mux.HandleFunc("GET /v1/trade/invariants", centre.Get(s.Centre, s.invariants))
}

// Run takes up sagas that nobody drives until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	return centre.Every(ctx, s.Log, min(2*time.Second, s.RetryAfter), "sagas", func(ctx context.Context) (bool, error) {
		return s.Recover(ctx, 10)
	})
}

// quote answers POST /v1/quotes. It is pure, so it takes and needs no Idempotency-Key.
func (s *Service) quote(w http.ResponseWriter, r *http.Request) {
	var b Basket
	if err := centre.ReadJSON(r, &b); err != nil {
		s.Fail(w, r, err)
		return
	}
	q, err := s.price(r.Context(), b)
	if err == nil {
		q.Token, err = q.seal(s.QuoteKey)
	}
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	centre.WriteJSON(w, centre.Reply{Body: q})
}

func (s *Service) price(ctx context.Context, b Basket) (*Quote, error) {
	skus := make([]string, 0, len(b.Lines))
	for _, l := range b.Lines {
		skus = append(skus, l.SKU)
	}
	found, err := s.products.Lookup(ctx, b.Channel, b.Store, skus...)
	if err != nil {
		return nil, upstream("product", err)
	}
	q, err := Price(s.Policy, b, found)
	if err != nil {
		return nil, err
	}
	err = s.Pool.QueryRow(ctx, `SELECT now() + make_interval(secs => $1)`, s.QuoteFor.Seconds()).Scan(&q.ExpiresAt)
	return q, err
}

// upstream turns a failed call of another centre into a 503; a refusal passes as it is.
func upstream(app string, err error) error {
	if refused(err) {
		return err
	}
	return problem.Unavailable(app+"_unavailable", "The "+app+" centre does not answer.", err)
}

// inStep guards a saga's transition: it is true for exactly one of several drivers.
func inStep(ctx context.Context, tx pgx.Tx, sg *saga, from, to string) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE saga SET step = $3, attempts = 0, last_error = '', updated_at = now(),
		due_at = now() + make_interval(secs => $4) WHERE id = $1 AND step = $2`, sg.ID, from, to, sg.lease.Seconds())
	return err == nil && tag.RowsAffected() == 1, err
}
