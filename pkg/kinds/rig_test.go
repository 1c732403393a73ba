package kinds_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// TestMain lets many tests run beside each other: they wait for passes that are put off.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) { storetest.Stop(); os.Exit(code) }))
}

var admin = resource.System("test")

// rig is the real store and the real engine on SQLite, with every kind and a site in memory.
type rig struct {
	*resource.Store
	t      *testing.T
	db     *store.DB
	site   *site
	hosts  map[string]string // name → id
	engine *operation.Engine
	books  *runbook.Keeper
}

// newRig has two hosts of 8 vCPU (16 with overcommit 2), a flavor, an image and a network of project p.
func newRig(t *testing.T, hosts ...string) *rig {
	t.Helper()
	return newRigWith(t, kinds.Backends{}, hosts...)
}

// newRigWith has further backends beside the site.
func newRigWith(t *testing.T, b kinds.Backends, hosts ...string) *rig {
	t.Helper()
	return newRigOn(t, storetest.Open(t, store.SQLite), b, hosts...)
}

// newRigOn does it on the database.
func newRigOn(t *testing.T, db *store.DB, b kinds.Backends, hosts ...string) *rig {
	t.Helper()
	r := &rig{t: t, db: db, site: newSite(), hosts: map[string]string{}}
	reg := resource.NewRegistry()
	b.Driver, b.Vitals = r.site, r.site.vitals
	kinds.Register(reg, b)
	r.books = &runbook.Keeper{}
	r.books.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	quiet := slog.New(slog.DiscardHandler)
	r.Store = resource.NewStore(resource.Config{DB: r.db, Registry: reg, Sealer: sealer, Log: quiet})
	r.engine, err = operation.New(t.Context(), operation.Config{DB: r.db, Objects: r.Store, Node: "n1", Log: quiet})
	require.NoError(t, err)
	r.UseJobs(r.engine)
	r.books.Open(runbook.Config{Objects: r.Store, Node: "n1", Log: quiet})
	require.NoError(t, r.engine.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, r.engine.Stop(ctx))
		r.books.Close()
		r.Close()
	})
	if len(hosts) == 0 {
		hosts = []string{"kvm1"}
	}
	for _, h := range hosts {
		r.addHost(h, 8, 16384)
	}
	r.ready(r.make("flavor", "", "small", `{"vcpus":2,"memoryMiB":512,"diskGiB":4}`))
	sha := strings.Repeat("ab", 32)
	r.ready(r.make("image", "", "busybox", `{"format":"qcow2","disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`))
	r.ready(r.make("network", "p", "net", `{"cidr":"10.1.0.0/24"}`))
	return r
}

func (r *rig) addHost(name string, cpus, memory int) {
	r.t.Helper()
	a := r.make("host", "", name, `{"site":"north","schedulable":true,"cpuOvercommit":2}`)
	r.hosts[name] = a.Object.ID
	r.site.with(func() {
		r.site.hosts[a.Object.ID] = provider.HostState{Name: name, Arch: "x86_64", CPUs: cpus, MemoryMiB: memory, DiskGiB: 1000, LibvirtUp: true, Accel: "tcg",
			Hypervisor: "QEMU", AccelReason: "there is no /dev/kvm", ObservedAt: time.Now()}
	})
	r.ready(a)
}

func (r *rig) apply(kind, project, name, spec string) (resource.Applied, error) {
	return r.Apply(r.t.Context(), resource.Request{Kind: kind, Project: project, Name: name, Spec: json.RawMessage(spec), Actor: admin})
}

func (r *rig) make(kind, project, name, spec string) resource.Applied {
	r.t.Helper()
	a, err := r.apply(kind, project, name, spec)
	require.NoError(r.t, err)
	return a
}

// refused expects a refusal with a reason and returns it.
func (r *rig) refused(reason resource.Reason, kind, project, name, spec string) *resource.Problem {
	r.t.Helper()
	_, err := r.apply(kind, project, name, spec)
	return r.problem(reason, err)
}

func (r *rig) problem(reason resource.Reason, err error) *resource.Problem {
	r.t.Helper()
	var p *resource.Problem
	require.ErrorAs(r.t, err, &p)
	require.Equal(r.t, reason, p.Reason, p.Error())
	return p
}

func (r *rig) get(kind, project, name string) resource.Raw {
	r.t.Helper()
	o, err := r.View(resource.Everything).Get(r.t.Context(), kind, project, name)
	require.NoError(r.t, err)
	return o
}

func (r *rig) server(name string) *kinds.Server {
	r.t.Helper()
	s, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](r.get("server", "p", name))
	require.NoError(r.t, err)
	return &s
}

func (r *rig) network(name string) *kinds.Network {
	r.t.Helper()
	n, err := resource.As[kinds.NetworkSpec, kinds.NetworkStatus](r.get("network", "p", name))
	require.NoError(r.t, err)
	return &n
}

// eventually waits for f without failing the test on the way.
func (r *rig) eventually(what string, f func() bool) {
	r.t.Helper()
	require.Eventually(r.t, f, 60*time.Second, 20*time.Millisecond, what)
}

func (r *rig) ready(a resource.Applied) resource.Raw {
	r.t.Helper()
	var o resource.Raw
	r.eventually(fmt.Sprintf("%s %s is ready", a.Object.Kind, a.Object.Name), func() bool {
		var err error
		o, err = r.View(resource.Everything).Get(r.t.Context(), a.Object.Kind, "", a.Object.ID)
		return err == nil && o.Settled()
	})
	return o
}

// heard waits until all that was told of an object was looked at: what comes next is not found by a look for that.
func (r *rig) heard(id string) {
	r.t.Helper()
	r.eventually("nothing told of "+id+" is still to be looked at", func() bool {
		waits, err := r.db.Read.NewSelect().Table("river_job").Where("json_extract(args, '$.job.ID') = ?", id).
			Where("state IN ('available', 'scheduled', 'retryable', 'running')").Exists(r.t.Context())
		return err == nil && !waits
	})
}

func (r *rig) becomes(kind, project, name string, phase resource.Phase) resource.Raw {
	r.t.Helper()
	var o resource.Raw
	r.eventually(kind+" "+name+" becomes "+string(phase), func() bool {
		var err error
		o, err = r.View(resource.Everything).Get(r.t.Context(), kind, project, name)
		return err == nil && o.Phase == phase
	})
	return o
}

func (r *rig) remove(kind, project, name string) {
	r.t.Helper()
	_, err := r.Delete(r.t.Context(), resource.Request{Kind: kind, Project: project, ID: name, Actor: admin})
	require.NoError(r.t, err)
}

func (r *rig) gone(kind, project, name string) {
	r.t.Helper()
	r.eventually(kind+" "+name+" is gone", func() bool {
		_, err := r.View(resource.Everything).Get(r.t.Context(), kind, project, name)
		return resource.ReasonOf(err) == resource.ReasonNotFound
	})
}

// claimed tells what of a host is taken.
func (r *rig) claimed(host, metric string) int64 {
	r.t.Helper()
	u, err := r.PoolUsage(r.t.Context(), "host:"+r.hosts[host])
	require.NoError(r.t, err)
	return u[metric].Committed
}

// exact expects that totals agree with holdings and that nothing is held by what is gone.
func (r *rig) exact() {
	r.t.Helper()
	diff, err := r.Recount(r.t.Context())
	require.NoError(r.t, err)
	require.Empty(r.t, diff)
}

// notes lists the audit verbs of an object.
func (r *rig) notes(id string) map[string]string {
	r.t.Helper()
	rows, err := r.View(resource.Everything).History(r.t.Context(), id, "", 100)
	require.NoError(r.t, err)
	out := map[string]string{}
	for _, a := range rows {
		out[a.Verb] = a.Note
	}
	return out
}

const serverSpec = `{"flavor":"small","image":"busybox","network":"net"}`
