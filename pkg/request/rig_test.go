package request_test

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

const (
	group = "freshfoods"
	brand = "freshfoods/north/dailymart"
	shop  = "freshfoods/north/dailymart/shop"
)

// boxSpec is the spec of a kind whose changes take work.
type boxSpec struct {
	Size   int    `json:"size" minimum:"1" maximum:"100"`
	Secret string `json:"secret,omitempty"`
}

type growInput struct {
	By int `json:"by" minimum:"1" maximum:"50"`
}

type box = resource.Object[boxSpec, struct{}]

// office is a whole kernel with people, an API and a desk. Work on boxes fails or waits when it is told to.
type office struct {
	*resource.Store
	people *tenancy.Service
	engine *operation.Engine
	desk   *request.Desk
	calls  *doubtful
	who    map[string]resource.Actor
	id     map[string]string

	mu   sync.Mutex
	fail error
}

// doubtful loses answers: the call is made, but whoever made it does not hear of it, as when it is killed.
type doubtful struct {
	request.Calls
	mu   sync.Mutex
	lose int
	made int
}

func (d *doubtful) Perform(ctx context.Context, base resource.Request, method, path string, body json.RawMessage) (string, resource.Applied, error) {
	verb, a, err := d.Calls.Perform(ctx, base, method, path, body)
	if base.DryRun || err != nil {
		return verb, a, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.made++
	if d.lose > 0 {
		d.lose--
		return verb, resource.Applied{}, context.DeadlineExceeded
	}
	return verb, a, nil
}

func eachOffice(t *testing.T, f func(t *testing.T, o *office)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newOffice(t, db)) })
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	o := &office{people: tenancy.New(db, nil), desk: &request.Desk{}, who: map[string]resource.Actor{}, id: map[string]string{}}
	o.settle(t)
	reg := resource.NewRegistry()
	o.register(reg)
	o.desk.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	o.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: o.people, Tree: o.people, Log: quiet})
	o.people.Attach(o.Store)
	server, err := api.New(api.Config{Store: o.Store, Tenancy: o.people, Log: quiet})
	require.NoError(t, err)
	o.calls = &doubtful{Calls: server}
	o.desk.Open(o.Store, o.people, o.calls)
	o.engine, err = operation.New(t.Context(), operation.Config{DB: db, Objects: o.Store, Node: "n1", Log: quiet,
		Chores: []operation.Chore{{Name: "nodes", Every: time.Second, Run: o.people.Sweep}}})
	require.NoError(t, err)
	o.UseJobs(o.engine)
	require.NoError(t, o.engine.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, o.engine.Stop(ctx))
		o.Close()
	})
	return o
}

// settle makes the tree and its people: lead administrates the subsidiary above the brand, keeper the shop alone.
func (o *office) settle(t *testing.T) {
	_, err := o.people.Bootstrap(t.Context())
	require.NoError(t, err)
	system := resource.System("test")
	for _, n := range []tenancy.NewNode{{Type: tenancy.Group, Name: "freshfoods"}, {Parent: group, Type: tenancy.Subsidiary, Name: "north"},
		{Parent: "freshfoods/north", Type: tenancy.Brand, Name: "dailymart"}, {Parent: brand, Type: tenancy.Project, Name: "shop"},
		{Parent: group, Type: tenancy.Brand, Name: "tealeaf"}, {Parent: "freshfoods/tealeaf", Type: tenancy.Project, Name: "shop"}} {
		made, err := o.people.CreateNode(t.Context(), system, n)
		require.NoError(t, err)
		o.id[made.FullName] = made.ID
	}
	for _, u := range []struct {
		name string
		role tenancy.Role
		node string
	}{{"root", tenancy.Admin, "/"}, {"lead", tenancy.Admin, "freshfoods/north"}, {"keeper", tenancy.Admin, shop}, {"ann", tenancy.Member, brand},
		{"ben", tenancy.Member, brand}, {"rita", tenancy.Reader, shop}, {"operator", tenancy.Operator, "/"}, {"stranger", tenancy.Admin, "freshfoods/tealeaf"}} {
		made, err := o.people.CreateUser(t.Context(), system, tenancy.NewUser{Name: u.name})
		require.NoError(t, err)
		_, err = o.people.Bind(t.Context(), system, made.ID, u.role, u.node)
		require.NoError(t, err)
		p, err := o.people.PrincipalOf(t.Context(), made.ID)
		require.NoError(t, err)
		o.who[u.name] = p.Actor
	}
}

func (o *office) register(reg *resource.Registry) {
	resource.Register(reg, resource.Kind[boxSpec, struct{}]{Name: "box", Plural: "boxes", Secrets: []string{"secret"},
		Charge: func(b *box) resource.Charges {
			return resource.Charges{"boxes": 1, "litres": int64(b.Spec.Size)}
		},
		Reconcile: func(context.Context, *resource.Reconciliation, *box) (resource.Result, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			return resource.Result{Done: o.fail == nil}, o.fail
		},
		Actions: map[string]resource.Action[boxSpec, struct{}]{
			"grow": {Input: &growInput{}, Apply: func(_ context.Context, _ *resource.Admission, b *box, in any) error {
				b.Spec.Size += in.(*growInput).By
				return nil
			}},
		},
	})
	resource.Register(reg, resource.Kind[struct {
		Text string `json:"text"`
	}, struct{}]{Name: "label", Plural: "labels"})
}

func (o *office) limit(t testing.TB, node, metric string, n int64) {
	t.Helper()
	id := o.id[node]
	require.NoError(t, o.SetQuota(t.Context(), resource.System("test"), id, metric, resource.Hard(n)))
}

// make asks the kernel for a box as the API would.
func (o *office) make(t testing.TB, who, name string, size int) (resource.Applied, error) {
	t.Helper()
	spec, err := json.Marshal(boxSpec{Size: size})
	require.NoError(t, err)
	return o.Apply(t.Context(), resource.Request{Kind: "box", Project: o.id[shop], Name: name, Actor: o.who[who], Spec: spec, Mode: resource.CreateOnly})
}

// asks files a request.
func (o *office) asks(t testing.TB, who, name string, spec request.Spec) (request.Object, error) {
	t.Helper()
	if spec.Comment == "" {
		spec.Comment = "the sale"
	}
	fields := map[string]any{"method": spec.Method, "path": spec.Path, "comment": spec.Comment}
	if spec.Body != nil {
		fields["body"] = spec.Body
	}
	if spec.ExpiresAt != nil {
		fields["expiresAt"] = spec.ExpiresAt
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	a, err := o.Apply(t.Context(), resource.Request{Kind: "request", Project: o.id[shop], Name: name, Actor: o.who[who], Spec: text, Mode: resource.CreateOnly})
	if err != nil {
		return request.Object{}, err
	}
	out, err := resource.As[request.Spec, request.Status](a.Object)
	require.NoError(t, err)
	return out, nil
}

// newBox is the call for a box.
func (o *office) newBox(t testing.TB, name string, size int) request.Spec {
	t.Helper()
	body, err := json.Marshal(map[string]any{"project": o.id[shop], "name": name, "spec": map[string]any{"size": size, "secret": "hush"}})
	require.NoError(t, err)
	return request.Spec{Method: "POST", Path: "/v1/boxes", Body: body}
}

// act does something about a request.
func (o *office) act(t testing.TB, who, name, verb, input string) error {
	t.Helper()
	_, err := o.Act(t.Context(), resource.Request{Kind: "request", Project: o.id[shop], ID: name, Actor: o.who[who]}, verb, json.RawMessage(input))
	return err
}

// request reads one.
func (o *office) request(t testing.TB, name string) request.Object {
	t.Helper()
	raw, err := o.View(resource.Everything).Get(context.Background(), "request", o.id[shop], name)
	require.NoError(t, err)
	out, err := resource.As[request.Spec, request.Status](raw)
	require.NoError(t, err)
	return out
}

// becomes waits for a state.
func (o *office) becomes(t testing.TB, name string, s request.State) request.Object {
	t.Helper()
	var got request.Object
	require.Eventually(t, func() bool {
		got = o.request(t, name)
		return got.Status.State == s
	}, time.Minute, 20*time.Millisecond, "request %s does not become %s", name, s)
	return got
}

func (o *office) box(t testing.TB, name string) box {
	t.Helper()
	raw, err := o.View(resource.Everything).Get(context.Background(), "box", o.id[shop], name)
	require.NoError(t, err)
	b, err := resource.As[boxSpec, struct{}](raw)
	require.NoError(t, err)
	return b
}

func (o *office) usage(t testing.TB, node, metric string) resource.QuotaUsage {
	t.Helper()
	list, err := o.View(resource.Everything).Quota(context.Background(), o.id[node])
	require.NoError(t, err)
	for _, u := range list {
		if u.Metric == metric {
			return u
		}
	}
	return resource.QuotaUsage{Hard: -1}
}

// history is what was done to an object, oldest first.
func (o *office) history(t testing.TB, id string) []resource.Audit {
	t.Helper()
	list, err := o.View(resource.Everything).History(context.Background(), id, "", 1000)
	require.NoError(t, err)
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// exact expects totals to be what objects hold.
func (o *office) exact(t testing.TB) {
	t.Helper()
	differences, err := o.Recount(context.Background())
	require.NoError(t, err)
	require.Empty(t, differences)
}

func refused(t testing.TB, err error, reason resource.Reason, text string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, reason, resource.ReasonOf(err), "%v", err)
	require.ErrorContains(t, err, text)
}
