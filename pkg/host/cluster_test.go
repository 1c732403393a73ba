package host

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// rumours are what agents say of their clusters.
type rumours struct {
	said chan func(provider.ClusterReport)
}

func (n *rumours) Reports(_ context.Context, f func(provider.ClusterReport)) error {
	n.said <- f
	return nil
}

type served struct {
	Hosts []string `json:"hosts"`
}

func TestAChangeOfHealthIsLookedAtOnce(t *testing.T) {
	reg := resource.NewRegistry()
	resource.Register(reg, resource.Kind[struct{}, struct{}]{Name: "host", Plural: "hosts", Scoping: resource.Global})
	resource.Register(reg, resource.Kind[served, struct{}]{Name: "cluster", Plural: "clusters", Scoping: resource.Global, Indexed: []string{"spec.hosts"},
		Reconcile: func(context.Context, *resource.Reconciliation, *resource.Object[served, struct{}]) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		}})
	book := &notebook{}
	objects := resource.NewStore(resource.Config{DB: storetest.Open(t, store.SQLite), Registry: reg, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(objects.Close)
	objects.UseJobs(book)
	apply := func(kind, name, spec string) string {
		a, err := objects.Apply(t.Context(), resource.Request{Kind: kind, Name: name, Spec: json.RawMessage(spec), Actor: resource.System("test")})
		require.NoError(t, err)
		return a.Object.ID
	}
	host, cluster := apply("host", "stor1", "{}"), apply("cluster", "vault", `{"hosts":["stor1"]}`)
	apply("cluster", "other", `{"hosts":["stor2"]}`)

	w, src := NewClusterWatcher(objects, slog.New(slog.DiscardHandler)), &rumours{said: make(chan func(provider.ClusterReport), 1)}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx, src) }()
	tell := <-src.said
	say := func(host, health string, checks ...provider.HealthCheck) map[string]string {
		book.causes()
		tell(provider.ClusterReport{Host: host, State: provider.ClusterState{Health: health, Checks: checks}})
		return book.causes()
	}
	first := say(host, "HEALTH_OK")
	require.Len(t, first, 1)
	require.Contains(t, first[cluster], "stor1")
	require.Empty(t, say(host, "HEALTH_OK"), "nothing is new")
	require.Len(t, say(host, "HEALTH_WARN", provider.HealthCheck{Code: "OSD_DOWN"}), 1)
	require.Len(t, say(host, "HEALTH_WARN", provider.HealthCheck{Code: "PG_DEGRADED"}), 1)
	require.Empty(t, say(resource.NewID(), "HEALTH_OK"), "a host that is not known serves no cluster")
	stop()
	require.NoError(t, <-done)
}
