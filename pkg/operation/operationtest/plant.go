// Package operationtest gives tests a whole kernel, store and engine, with a backend of boxes to work on.
package operationtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// Options of a plant; the zero value is node n1, a key of zeros, everything allowed, engine running.
type Options struct {
	Node       string
	Keys       []byte // of each sealing key the one byte that it is made of
	Authorizer resource.Authorizer
	Tree       resource.Tree
	Workers    int
	Idle       bool // the engine is not started
	Warehouse  *Warehouse
}

// Plant is a store and its engine. Kinds: box, crate, shelf, label (see boxes.go).
type Plant struct {
	*resource.Store
	*Warehouse
	Engine *operation.Engine
	View   resource.View
}

// Admin is the actor of what tests ask for.
var Admin = resource.System("test")

// New makes a plant that is stopped and closed with the test.
func New(t testing.TB, db *store.DB, o Options) *Plant {
	t.Helper()
	p := Assemble(t, db, o)
	if !o.Idle {
		require.NoError(t, p.Engine.Start(t.Context()))
	}
	t.Cleanup(func() {
		if !o.Idle {
			p.StopEngine(t)
		}
		p.Close()
	})
	return p
}

// Assemble makes a plant that nobody starts or stops.
func Assemble(t testing.TB, db *store.DB, o Options) *Plant {
	t.Helper()
	if o.Node == "" {
		o.Node = "n1"
	}
	if o.Warehouse == nil {
		o.Warehouse = NewWarehouse()
	}
	p := &Plant{Warehouse: o.Warehouse}
	reg := resource.NewRegistry()
	o.Warehouse.register(reg)
	if o.Keys == nil {
		o.Keys = []byte{0}
	}
	var keys [][]byte
	for _, b := range o.Keys {
		keys = append(keys, bytes.Repeat([]byte{b}, 32))
	}
	sealer, err := resource.NewSealer(keys...)
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	p.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: o.Authorizer, Tree: o.Tree, Log: log})
	p.Engine, err = operation.New(t.Context(), operation.Config{DB: db, Objects: p.Store, Node: o.Node, Workers: o.Workers, Log: log})
	require.NoError(t, err)
	p.UseJobs(p.Engine)
	p.View = p.Store.View(resource.Everything)
	return p
}

// StopEngine waits for the passes under way.
func (p *Plant) StopEngine(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	require.NoError(t, p.Engine.Stop(ctx))
}

// Box is the request for a box in project p.
func Box(name string, size int) resource.Request {
	return resource.Request{Kind: "box", Project: "p", Name: name, Actor: Admin, Spec: Spec(`{"size":%d}`, size)}
}

// Spec formats a spec.
func Spec(format string, args ...any) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(format, args...))
}

// Must applies a request that has to succeed.
func (p *Plant) Must(t testing.TB, r resource.Request) resource.Applied {
	t.Helper()
	a, err := p.Apply(context.Background(), r)
	require.NoError(t, err)
	return a
}

// Drop deletes an object by id and returns the operation.
func (p *Plant) Drop(t testing.TB, kind, id string) *resource.Operation {
	t.Helper()
	a, err := p.Delete(context.Background(), resource.Request{Kind: kind, ID: id, Actor: Admin})
	require.NoError(t, err)
	return a.Operation
}

// Wait returns the operation once it has ended.
func (p *Plant) Wait(t testing.TB, op *resource.Operation) resource.Operation {
	t.Helper()
	require.NotNil(t, op)
	var got resource.Operation
	require.Eventually(t, func() bool {
		var err error
		got, err = p.View.Operation(context.Background(), op.ID)
		return err == nil && got.Ended()
	}, 30*time.Second, 5*time.Millisecond, "operation %s", op.ID)
	return got
}

// Object reads an object by id.
func (p *Plant) Object(t testing.TB, kind, id string) resource.Raw {
	t.Helper()
	o, err := p.View.Get(context.Background(), kind, "", id)
	require.NoError(t, err)
	return o
}

// Pass makes one reconciliation pass without the engine, or none while another one is at the object.
func (p *Plant) Pass(t testing.TB, kind, id string) resource.Again {
	t.Helper()
	again, err := p.Reconcile(context.Background(), "n1", resource.Job{Kind: kind, ID: id})
	if !errors.Is(err, resource.ErrBusy) {
		require.NoError(t, err)
	}
	return again
}
