package cli_test

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/cli"
	"github.com/plazacloud/plaza/pkg/console"
	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/schedule"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

var update = flag.Bool("update", false, "write what scripts compare with anew")

// TestMain lets the test binary be the command that scripts run.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"plaza": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		code := cli.Run(ctx, os.Args[1:], cli.System("test"))
		stop()
		os.Exit(code)
	}, "surf": surf})
}

const (
	password = "correct horse battery"
	shop     = "freshfoods/north/dailymart/shop"
)

// blueprint needs no backend: an unplaced network, and a security group that refers to it.
const blueprint = `
name: tiny
version: 0.1.0
title: A tiny service
parameters:
  prefix: {type: string, default: 10.9.0, pattern: '^10(\.[0-9]+){2}$', description: first three numbers of the network}
  port: {type: integer, default: 80}
  secret: {type: string, secret: true, generate: 16}
sizes:
  XS: {description: the only one, values: {}}
  S: {description: the same, values: {}}
resources:
  net:
    kind: network
    spec: {cidr: "${params.prefix}.0/24"}
  group:
    kind: securitygroup
    spec: {rules: [{protocol: tcp, fromPort: "${params.port}", cidr: "${resources.net.spec.cidr}"}]}
outputs:
  cidr: "${resources.net.spec.cidr}"
`

// serve starts the real server over a real database, with the real engine, kinds and a blueprint at work.
func serve(t testing.TB) string {
	t.Helper()
	db := storetest.Open(t, store.SQLite)
	reg := resource.NewRegistry()
	images := imagestore.New(db, imagestore.Limits{Image: 8 << 20, Total: 16 << 20})
	kinds.Register(reg, kinds.Backends{Driver: idle{}, Regions: cloud{}, Uploads: images})
	catalogue, err := bundle.Load(fstest.MapFS{"tiny/blueprint.yaml": {Data: []byte(blueprint)}}, reg)
	require.NoError(t, err)
	deployer := &bundle.Deployer{Catalogue: catalogue, HTTP: &http.Client{Timeout: 10 * time.Second}}
	deployer.Register(reg)
	drift.New(drift.Config{}).Register(reg)
	desk := &request.Desk{}
	desk.Register(reg)
	books := &runbook.Keeper{}
	books.Register(reg)
	keeper := &schedule.Keeper{}
	keeper.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	people := tenancy.New(db, nil)
	people.UseSealer(sealer)
	first, err := people.Bootstrap(t.Context())
	require.NoError(t, err)
	_, err = people.Seed(t.Context(), map[string]string{"dailymart-member": password, "dailymart-reader": password})
	require.NoError(t, err)
	admin, err := people.User(t.Context(), first.User)
	require.NoError(t, err)
	require.NoError(t, people.ResetPassword(t.Context(), resource.System("test"), admin.ID, password))
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	objects := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: people, Tree: people, Log: quiet})
	people.Attach(objects)
	recorder := pool.NewRecorder(db, func(ctx context.Context, now time.Time) (pool.View, error) { return kinds.Pools(ctx, objects, now) })
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: objects, Node: "n1", Log: quiet,
		Chores: []operation.Chore{{Name: "pools", Every: time.Second, Run: recorder.Record}, {Name: "nodes", Every: time.Second, Run: people.Sweep}}})
	require.NoError(t, err)
	objects.UseJobs(engine)
	require.NoError(t, engine.Start(t.Context()))
	server, err := api.New(api.Config{Store: objects, Tenancy: people, Hosts: enroller{}, Version: "test", Log: quiet, Metrics: counted(t),
		Routes: []api.Routes{api.BundleRoutes(&bundle.Planner{Deployer: deployer, Objects: objects}), api.ComputeRoutes(nil), api.StorageRoutes(nil),
			api.ConsoleRoutes(console.New(console.Config{DB: db, Objects: objects})), api.ImageRoutes(images)}})
	require.NoError(t, err)
	desk.Open(objects, people, server)
	books.Open(runbook.Config{Objects: objects, People: people, Agents: nobody{}, Node: "n1", Log: quiet})
	t.Cleanup(books.Close)
	require.NoError(t, books.Install(t.Context()))
	keeper.Open(objects, people, server)
	web := httptest.NewUnstartedServer(nil)
	web.Config = server.HTTP()
	web.Start()
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, engine.Stop(ctx))
		objects.Close()
	})
	return web.URL
}

// idle is a driver that nothing asks: what the scripts make is placed on no host.
type idle struct{ provider.Driver }

// nobody is the agents of hosts that are not there.
type nobody struct{}

func (nobody) Call(_ context.Context, host, _, _ string, _ time.Duration, _, _ any) error {
	return resource.Problemf(resource.ReasonNotFound, "host", "", "no agent of host %s is there", host)
}

// cloud is every region: two hypervisors, one of them down, and an external network.
type cloud struct{ provider.Region }

func (c cloud) Connect(context.Context, string, provider.RegionSettings) (provider.Region, error) {
	return c, nil
}

func (cloud) Forget(string) {}

func (cloud) Inventory(context.Context) (provider.Inventory, error) {
	up := provider.Hypervisor{ID: "1", Name: "cmp1", Arch: "x86_64", Zone: "nova", Aggregates: []string{"ssd"}, Traits: []string{"HW_CPU_X86_AVX2"}, Type: "QEMU", Up: true, Enabled: true, Servers: 5,
		Stock: map[string]provider.Stock{"VCPU": {Total: 8, Reserved: 1, RatioMilli: 16000, Used: 20}, "MEMORY_MB": {Total: 16384, Reserved: 512, RatioMilli: 1000, Used: 4096},
			"DISK_GB": {Total: 200, RatioMilli: 1000, Used: 30}, "CUSTOM_FPGA": {Total: 2, RatioMilli: 1000, Used: 1}}}
	down := provider.Hypervisor{ID: "2", Name: "cmp2", Arch: "ppc64le", Zone: "nova", Type: "QEMU", Enabled: true, Reason: "its service has not reported"}
	return provider.Inventory{ObservedAt: time.Now(), Services: []provider.Service{{Type: "identity", Up: true}, {Type: "compute", Up: true}}, Hypervisors: []provider.Hypervisor{up, down},
		Storage:   []provider.StoragePool{{Name: "ctl@rbd#rbd", Tier: "standard", TotalGiB: 500, FreeGiB: 430, Promised: 90, Up: true}},
		Networks:  []provider.AddressPool{{ID: "n", Name: "public", Total: 200, Used: 15}},
		Baremetal: []provider.BaremetalPool{{Class: "large", Total: 6, Free: 2, Used: 1, Broken: 1, Busy: 2}}}, nil
}

type enroller struct{}

func (enroller) IssueToken(_ context.Context, _ resource.Actor, in api.NewEnrolToken) (api.EnrolToken, error) {
	return api.EnrolToken{Token: "once", Site: in.Site, Name: in.Name, ExpiresAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}, nil
}

func (enroller) Enrol(context.Context, string, api.EnrolRequest) (api.EnrolResponse, error) {
	return api.EnrolResponse{}, resource.Problemf(resource.ReasonUnavailable, "host", "", "no hosts here")
}

// volatile is what differs from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	as      string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ][0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`(?m) \d+[smh]$`), " AGE"},
	{regexp.MustCompile(`\d+[smh] ago`), "AGE ago"},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "SERVER"},
	{regexp.MustCompile(`pl[isz]_[0-9A-Za-z]{43}`), "SECRET"},
	{regexp.MustCompile(`\b[0-9a-f]{32,64}\b`), "HASH"},
	{regexp.MustCompile(`after \d+ ms`), "after N ms"},
	{regexp.MustCompile(`"revision": \d+`), `"revision": 0`},
	{regexp.MustCompile(`(?m)^revision: \d+$`), "revision: 0"},
}

// steady writes what was last said to a file, without what differs from run to run.
func steady(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: steady stdout|stderr FILE")
	}
	text := ts.ReadFile(args[0])
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.as)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func TestScripts(t *testing.T) {
	t.Cleanup(func() { requireEveryOperationReached(t) })
	t.Run(verbsOfKinds, runVerbsOfKinds)
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("PLAZA_CONFIG", filepath.Join(home, "config.yaml"))
			env.Setenv("SERVER", serve(env.T().(testing.TB)))
			env.Setenv("SHOP", shop)
			provide(env)
			env.Setenv("NO_COLOR", "1")
			if err := os.Mkdir(home, 0o700); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "password"), []byte(password+"\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"steady": steady, "otp": otp},
	})
}
