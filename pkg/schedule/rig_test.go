package schedule

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

type volumeSpec struct {
	SizeGiB int `json:"sizeGiB" minimum:"1"`
}

type backupSpec struct {
	Volume string `json:"volume" minLength:"1"`
}

type machineSpec struct {
	Power     string   `json:"power,omitempty"`
	Snapshots []string `json:"snapshots,omitempty"`
}

type snapshotInput struct {
	Name string `json:"name" minLength:"1" maxLength:"40"`
}

// plaza is one of several plazads on one database.
type plaza struct {
	*resource.Store
	people *tenancy.Service
	engine *operation.Engine
}

// hall is an installation with two plazads and a clock of its own.
type hall struct {
	plazas [2]*plaza
	who    map[string]resource.Actor
	bound  map[string]string
	shop   string

	mu    sync.Mutex
	now   time.Time
	lose  int            // so many calls are made without whoever made them hearing of it
	fails bool           // what is made fails
	made  map[string]int // how often anything was made, by kind
}

func (h *hall) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// doubtful loses answers, as a plazad that is killed does.
type doubtful struct {
	request.Calls
	*hall
}

func (d doubtful) Perform(ctx context.Context, base resource.Request, method, path string, body json.RawMessage) (string, resource.Applied, error) {
	verb, a, err := d.Calls.Perform(ctx, base, method, path, body)
	d.mu.Lock()
	defer d.mu.Unlock()
	if base.DryRun || err != nil || d.lose == 0 {
		return verb, a, err
	}
	d.lose--
	return verb, resource.Applied{}, context.DeadlineExceeded
}

func newHall(t *testing.T, db *store.DB) *hall {
	t.Helper()
	h := &hall{now: at("2026-11-27T00:00:00Z"), who: map[string]resource.Actor{}, bound: map[string]string{}, made: map[string]int{}}
	first := tenancy.New(db, nil)
	h.settle(t, first)
	for i := range h.plazas {
		h.plazas[i] = h.open(t, db, []string{"n1", "n2"}[i])
	}
	return h
}

func (h *hall) settle(t *testing.T, people *tenancy.Service) {
	_, err := people.Bootstrap(t.Context())
	require.NoError(t, err)
	system := resource.System("test")
	_, err = people.CreateNode(t.Context(), system, tenancy.NewNode{Type: tenancy.Group, Name: "freshfoods"})
	require.NoError(t, err)
	shop, err := people.CreateNode(t.Context(), system, tenancy.NewNode{Parent: "freshfoods", Type: tenancy.Project, Name: "shop"})
	require.NoError(t, err)
	h.shop = shop.ID
	for name, role := range map[string]tenancy.Role{"ann": tenancy.Member, "ben": tenancy.Member, "rita": tenancy.Reader, "otto": tenancy.Operator} {
		u, err := people.CreateUser(t.Context(), system, tenancy.NewUser{Name: name})
		require.NoError(t, err)
		b, err := people.Bind(t.Context(), system, u.ID, role, shop.ID)
		require.NoError(t, err)
		p, err := people.PrincipalOf(t.Context(), u.ID)
		require.NoError(t, err)
		h.who[name], h.bound[name] = p.Actor, b.ID
	}
}

// open starts one more plazad.
func (h *hall) open(t *testing.T, db *store.DB, node string) *plaza {
	t.Helper()
	reg := resource.NewRegistry()
	h.register(reg)
	k := &Keeper{now: h.clock}
	k.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	p := &plaza{people: tenancy.New(db, nil)}
	p.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: p.people, Tree: p.people, Log: quiet})
	p.people.Attach(p.Store)
	server, err := api.New(api.Config{Store: p.Store, Tenancy: p.people, Log: quiet})
	require.NoError(t, err)
	k.Open(p.Store, p.people, doubtful{server, h})
	p.engine, err = operation.New(t.Context(), operation.Config{DB: db, Objects: p.Store, Node: node, Log: quiet})
	require.NoError(t, err)
	p.UseJobs(p.engine)
	require.NoError(t, p.engine.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, p.engine.Stop(ctx))
		p.Close()
	})
	return p
}

// register adds kinds that look to a schedule like those of the same names.
func (h *hall) register(reg *resource.Registry) {
	resource.Register(reg, resource.Kind[volumeSpec, struct{}]{Name: "volume", Plural: "volumes"})
	resource.Register(reg, resource.Kind[backupSpec, struct{}]{Name: "backup", Plural: "backups",
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *resource.Object[backupSpec, struct{}]) (resource.Result, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.fails {
				return resource.Result{}, resource.Invalid("backup", "spec.volume", o.Spec.Volume, "is broken")
			}
			h.made[o.ID]++
			return resource.Result{Done: true}, nil
		}})
	resource.Register(reg, resource.Kind[machineSpec, struct{}]{Name: "server", Plural: "servers",
		Actions: map[string]resource.Action[machineSpec, struct{}]{
			"stop": {Apply: func(_ context.Context, _ *resource.Admission, o *resource.Object[machineSpec, struct{}], _ any) error {
				o.Spec.Power = "stopped"
				return nil
			}},
			"snapshot": {Input: &snapshotInput{}, Apply: func(_ context.Context, _ *resource.Admission, o *resource.Object[machineSpec, struct{}], in any) error {
				o.Spec.Snapshots = append(o.Spec.Snapshots, in.(*snapshotInput).Name)
				return nil
			}},
		}})
}

func (h *hall) make(t *testing.T, who, kind, name string, labels map[string]string, spec any) (resource.Raw, error) {
	t.Helper()
	text, err := json.Marshal(spec)
	require.NoError(t, err)
	a, err := h.plazas[0].Apply(t.Context(), resource.Request{Kind: kind, Project: h.shop, Name: name, Labels: labels, Spec: text, Actor: h.who[who]})
	return a.Object, err
}

func (h *hall) act(t *testing.T, who, name, verb string) error {
	t.Helper()
	_, err := h.plazas[1].Act(t.Context(), resource.Request{Kind: kindName, Project: h.shop, ID: name, Actor: h.who[who]}, verb, nil)
	return err
}

func (h *hall) schedule(t *testing.T, name string) Object {
	t.Helper()
	raw, err := h.plazas[0].View(resource.Everything).Get(context.Background(), kindName, h.shop, name)
	require.NoError(t, err)
	o, err := resource.As[Spec, Status](raw)
	require.NoError(t, err)
	return o
}

func (h *hall) list(t *testing.T, kind string) (names []string) {
	t.Helper()
	page, err := h.plazas[0].View(resource.Everything).List(context.Background(), resource.Query{Kind: kind, Project: h.shop})
	require.NoError(t, err)
	for _, o := range page.Items {
		if o.DeletingAt == nil {
			names = append(names, o.Name)
		}
	}
	return names
}

// set sets the clock, and lets both plazads look at a schedule again and again at the same time.
func (h *hall) set(t *testing.T, name, to string) {
	t.Helper()
	h.mu.Lock()
	h.now = at(to)
	h.mu.Unlock()
	id := h.schedule(t, name).ID
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { _ = h.plazas[i%2].Touch(context.Background(), kindName, id, "the clock was set") }) // the others do
	}
	all.Wait()
}

// becomes waits until a schedule has made so many runs, or is as is asked for.
func (h *hall) becomes(t *testing.T, name string, runs int64, s State) Object {
	t.Helper()
	var got Object
	require.Eventually(t, func() bool {
		got = h.schedule(t, name)
		return got.Status.Current == nil && got.Status.Number == runs && got.Status.State == s && (s == Stopped || got.Settled())
	}, 2*time.Minute, 20*time.Millisecond, "schedule %s does not become %s after %d runs", name, s, runs)
	return got
}

func refused(t *testing.T, err error, reason resource.Reason, text string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, reason, resource.ReasonOf(err), "%v", err)
	require.ErrorContains(t, err, text)
}
