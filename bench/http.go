package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

func init() {
	benches["http"] = bench{"GET /v1/servers, a page of 100, over loopback from the real API server with its authorisation (target: p99 ≤ 10 ms and flat)", benchHTTP}
}

func benchHTTP(ctx context.Context) error {
	sizes, samples := []int{1_000, 100_000, 1_000_000}, 2000
	if *quick {
		sizes, samples = []int{1_000, 10_000}, 300
	}
	fmt.Println("`/healthz` asks nothing of the database and is much shorter: it shows what HTTP alone takes.")
	fmt.Println()
	fmt.Println("| database | who | query | stored | p50 | p99 | p50 growth | bytes |")
	fmt.Println("|---|---|---|---:|---:|---:|---:|---:|")
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		base := map[string]time.Duration{}
		for _, size := range sizes {
			if err := httpOf(ctx, d, size, samples, base); err != nil {
				return err
			}
		}
	}
	return nil
}

const serverPage = "/v1/servers?limit=100"

// office is an API server with many stored servers. Its engine does not run: nothing is measured but reading.
type office struct {
	db      *store.DB
	objects *resource.Store
	web     *http.Server
	base    string
	tokens  map[string]string // user → bearer token
	ids     []string
	dir     string
}

func newOffice(ctx context.Context, d store.Dialect, size int) (o *office, err error) {
	o = &office{tokens: map[string]string{}}
	k := &kernel{}
	url, err := postgresAddress(ctx, d, k)
	if err != nil {
		return nil, err
	}
	o.dir = k.dir
	if o.db, err = store.Open(ctx, url); err != nil {
		return nil, err
	}
	if err := o.db.Migrate(ctx); err != nil {
		return nil, err
	}
	people := tenancy.New(o.db, nil)
	projects, err := o.people(ctx, people)
	if err != nil {
		return nil, err
	}
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	sealer, err := resource.NewSealer(key)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	o.objects = resource.NewStore(resource.Config{DB: o.db, Registry: reg, Authorizer: people, Tree: people, Sealer: sealer, Log: quiet})
	if _, err := operation.New(ctx, operation.Config{DB: o.db, Objects: o.objects, Node: "bench", Log: quiet}); err != nil { // makes its tables
		return nil, err
	}
	if o.ids, err = fillServers(ctx, o.db, projects, size); err != nil {
		return nil, err
	}
	server, err := api.New(api.Config{Store: o.objects, Tenancy: people, Version: "bench", Log: quiet})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o.web, o.base = server.HTTP(), "http://"+listener.Addr().String()
	go func() { _ = o.web.Serve(listener) }()
	return o, nil
}

// people makes the small retail group and signs in its administrator and a member; it returns the project ids.
func (o *office) people(ctx context.Context, people *tenancy.Service) (projects []string, err error) {
	first, err := people.Bootstrap(ctx)
	if err != nil {
		return nil, err
	}
	const password = "a password for measuring"
	seeded, err := people.Seed(ctx, map[string]string{"dailymart-member": password})
	if err != nil {
		return nil, err
	}
	for name, word := range map[string]string{first.User: first.Password, "dailymart-member": password} {
		if _, o.tokens[name], err = people.Login(ctx, tenancy.Credentials{Name: name, Password: word}); err != nil {
			return nil, err
		}
	}
	for _, n := range seeded.Nodes {
		if n.Type == tenancy.Project {
			projects = append(projects, n.ID)
		}
	}
	return projects, nil
}

func (o *office) close() {
	_ = o.web.Close()
	o.objects.Close()
	_ = o.db.Close()
	if o.dir != "" {
		_ = os.RemoveAll(o.dir)
	}
}

func httpOf(ctx context.Context, d store.Dialect, size, samples int, base map[string]time.Duration) error {
	o, err := newOffice(ctx, d, size)
	if err != nil {
		return err
	}
	defer o.close()
	any := func() string { return serverPage + "&after=" + o.ids[mrand.IntN(len(o.ids)*8/10)] }
	for _, q := range []struct {
		who, name string
		query     func() string
	}{
		{"nobody", "`/healthz`", func() string { return "/healthz" }},
		{"admin", "first page", func() string { return serverPage }},
		{"admin", "any page", any},
		{"dailymart-member", "any page of what it sees", any},
		{"admin", "by field", func() string { return serverPage + "&field=" + fmt.Sprintf("status.host=host-%d", mrand.IntN(size/50)) }},
	} {
		times, bytes, err := o.sample(ctx, samples, o.tokens[q.who], q.query)
		if err != nil {
			return err
		}
		p50, growth := quantile(times, 0.5), "1.00"
		if key := q.who + q.name; base[key] == 0 {
			base[key] = p50
		} else {
			growth = fmt.Sprintf("%.2f", float64(p50)/float64(base[key]))
		}
		fmt.Printf("| %s | %s | %s | %d | %s | %s | %s | %d |\n", d, q.who, q.name, size, milliseconds(p50), milliseconds(quantile(times, 0.99)), growth, bytes)
	}
	return nil
}

// sample asks for pages one after the other, after a few that warm up.
func (o *office) sample(ctx context.Context, samples int, token string, query func() string) (times []time.Duration, size int, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for i := range samples + 20 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.base+query(), nil)
		if err != nil {
			return nil, 0, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		began := time.Now()
		resp, err := client.Do(req)
		if err != nil {
			return nil, 0, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		took := time.Since(began)
		if err != nil || resp.StatusCode != http.StatusOK {
			return nil, 0, fmt.Errorf("%s: %s %.200s %w", req.URL, resp.Status, body, err)
		}
		if i >= 20 {
			times = append(times, took)
		}
		size = len(body)
	}
	return times, size, nil
}

// fillServers stores ready servers as rows, 50 to a host, in turn over the projects.
func fillServers(ctx context.Context, db *store.DB, projects []string, n int) ([]string, error) {
	ids := make([]string, 0, n)
	flavor, image, network := "r1.small", "debian-12", resource.NewID()
	for begin := 0; begin < n; begin += 500 {
		var objects []storedMachine
		var keys []storedKey
		for i := begin; i < min(begin+500, n); i++ {
			id, at, host, address := resource.NewID(), time.Now().UTC(), fmt.Sprint("host-", i/50), fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)
			ids = append(ids, id)
			spec, err := json.Marshal(kinds.ServerSpec{Flavor: flavor, Image: image, Network: network, SecurityGroups: []string{network}, Power: "running",
				Publish: []kinds.PublishSpec{{Port: 80, Listen: "127.0.0.1:0"}}, Metadata: map[string]string{"team": "shop"}})
			if err != nil {
				return nil, err
			}
			status, err := json.Marshal(kinds.ServerStatus{Host: host, HostName: host, Power: "running", Address: address, MAC: "52:54:00:00:00:01", Accel: "kvm", VCPUs: 1, MemoryMiB: 512, DiskGiB: 2,
				Published: []kinds.Published{{Port: 80, Endpoint: "127.0.0.1:31080"}}, Since: &at})
			if err != nil {
				return nil, err
			}
			objects = append(objects, storedMachine{ID: id, Kind: "server", Project: projects[i%len(projects)], Name: fmt.Sprint("server-", i), Labels: `{"tier":"web"}`, Spec: string(spec), Status: string(status),
				Conditions: `[{"type":"Ready","status":"True","reason":"AsDesired","since":"2026-01-01T00:00:00Z"}]`, Finalizers: "[]", Phase: "Ready", CreatedBy: "bench",
				Generation: 1, ObservedGeneration: 1, Version: 2, Revision: int64(i), CreatedAt: at, UpdatedAt: at})
			for key, value := range map[string]string{"labels.tier": "web", "spec.flavor": flavor, "spec.image": image, "spec.network": network, "status.host": host, "status.power": "running", "status.address": address} {
				keys = append(keys, storedKey{Kind: "server", Key: key, Value: value, ObjectID: id})
			}
		}
		if _, err := db.Write.NewInsert().Model(&objects).Exec(ctx); err != nil {
			return nil, err
		}
		if _, err := db.Write.NewInsert().Model(&keys).Exec(ctx); err != nil {
			return nil, err
		}
	}
	_, err := db.Write.ExecContext(ctx, "ANALYZE")
	return ids, err
}
