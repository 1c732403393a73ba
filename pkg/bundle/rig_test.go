package bundle

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type thingSpec struct {
	Size   int64  `json:"size,omitempty"`
	Ref    string `json:"ref,omitempty"`
	Secret string `json:"secret,omitempty"`
}

type thingStatus struct {
	Address string `json:"address,omitempty"`
	Secret  bool   `json:"secret,omitempty"`
}

// rig is the real store and engine with a kind of things, some of which can be made to fail, and a workload.
type rig struct {
	*Planner
	t        *testing.T
	mu       sync.Mutex
	failing  map[string]error
	seen     map[string]string // thing → secret it was made with
	healthy  bool
	workload *httptest.Server
}

const blueprintText = `
name: shop
version: 1.0.0
title: Shop
description: A shop.
parameters:
  password: {type: string, secret: true, generate: 24}
  region: {type: string, default: north, pattern: '^[a-z]+$'}
  extra: {type: boolean, default: false}
sizes:
  S: {description: small, values: {n: 2}}
  M: {description: medium, values: {n: 5}}
resources:
  base: {kind: thing, spec: {size: "${size.n}"}}
  top:
    kind: thing
    spec: {ref: "${resources.base.status.address}", secret: "${params.password}-${params.region}"}
  more: {kind: thing, when: params.extra, spec: {size: 1, ref: "${resources.top.name}"}}
outputs: {entry: "http://${resources.top.status.address}"}
health: {url: "WORKLOAD/health"}
`

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, failing: map[string]error{}, seen: map[string]string{}, healthy: true}
	r.workload = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"status":"degraded","apps":[{"app":"trade","node":"n1","pool":"public","error":"no database","ok":false}]}`))
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	}))
	transport := &http.Transport{DisableKeepAlives: true}
	reg := resource.NewRegistry()
	resource.Register(reg, r.thing())
	d := &Deployer{Catalogue: &Catalogue{blueprints: map[string]*Blueprint{}}, HTTP: &http.Client{Transport: transport, Timeout: 5 * time.Second}}
	d.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	db := storetest.Open(t, store.SQLite)
	quiet := slog.New(slog.DiscardHandler)
	objects := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Log: quiet})
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: objects, Node: "n1", Log: quiet})
	require.NoError(t, err)
	objects.UseJobs(engine)
	require.NoError(t, engine.Start(t.Context()))
	r.Planner = &Planner{Deployer: d, Objects: objects}
	r.use(blueprintText)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, engine.Stop(ctx))
		objects.Close()
		r.workload.Close()
	})
	return r
}

func (r *rig) thing() resource.Kind[thingSpec, thingStatus] {
	type thing = resource.Object[thingSpec, thingStatus]
	return resource.Kind[thingSpec, thingStatus]{Name: "thing", Plural: "things", Secrets: []string{"secret"},
		Charge: func(o *thing) resource.Charges { return resource.Charges{"things": 1, "litres": o.Spec.Size} },
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *thing) (resource.Result, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if err := r.failing[o.Name]; err != nil {
				return resource.Result{}, err
			}
			r.seen[o.Name] = o.Spec.Secret
			o.Status = thingStatus{Address: o.Name + ".local:80", Secret: o.Spec.Secret != ""}
			return resource.Result{Done: true}, nil
		}}
}

func (r *rig) with(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

func (r *rig) plan(o Order) *Plan {
	r.t.Helper()
	p, err := r.Plan(r.t.Context(), operator, o)
	require.NoError(r.t, err)
	return p
}

func (r *rig) apply(o Order) resource.Applied {
	r.t.Helper()
	a, _, err := r.Apply(r.t.Context(), operator, o, "")
	require.NoError(r.t, err)
	return a
}

func (r *rig) bundle() *Bundle {
	r.t.Helper()
	raw, err := r.Objects.View(resource.Everything).Get(r.t.Context(), "bundle", "p", "shop")
	require.NoError(r.t, err)
	o, err := resource.As[Spec, Status](raw)
	require.NoError(r.t, err)
	return &o
}

func (r *rig) eventually(what string, f func() bool) {
	r.t.Helper()
	require.Eventually(r.t, f, 30*time.Second, 20*time.Millisecond, what)
}

func (r *rig) things() map[string]resource.Raw {
	r.t.Helper()
	out := map[string]resource.Raw{}
	require.NoError(r.t, resource.All(r.t.Context(), r.Objects.View(resource.Everything), resource.Query{Kind: "thing"}, func(o resource.Raw) error {
		out[o.Name] = o
		return nil
	}))
	return out
}

// everything is all that the API could show of objects, operations and audit.
func (r *rig) everything() string {
	r.t.Helper()
	view := r.Objects.View(resource.Everything)
	audit, err := view.History(r.t.Context(), "", "", 1000)
	require.NoError(r.t, err)
	ops, err := view.Operations(r.t.Context(), resource.OperationQuery{Limit: 1000})
	require.NoError(r.t, err)
	text, err := json.Marshal(map[string]any{"audit": audit, "operations": ops, "things": r.things(), "bundle": r.bundle()})
	require.NoError(r.t, err)
	return string(text)
}

var operator = resource.Actor{ID: "u1", Name: "operator", Scope: resource.Everything}

func order(size string, parameters map[string]any) Order {
	return Order{Project: "p", Name: "shop", Blueprint: "shop", Size: size, Parameters: parameters}
}
