package system

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
	"github.com/plazacloud/plaza/test/system/rig"
)

// openBooks opens the database beside plazad.
func openBooks(t *testing.T, p *rig.Plane) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), p.Database())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// agree wants everything that keeps count of objects to say what the ledger says.
func agree(t *testing.T, p *rig.Plane, h *rig.Host, l *ledger, db *store.DB, project string) {
	t.Helper()
	alive := map[string]map[string]bool{"servers": {}, "volumes": {}, "networks": {}}
	for id, plural := range l.kind {
		if !l.deleted[id] {
			alive[plural][id] = true
		}
	}
	objects := map[string][]resource.Raw{}
	for plural, want := range alive {
		objects[plural] = p.List(t, plural)
		require.Len(t, objects[plural], len(want), "rows of %s", plural)
		for _, o := range objects[plural] {
			require.True(t, want[o.ID], "%s %s was deleted, or nobody was told of it", plural, o.Name)
			require.Equal(t, l.name[o.ID], o.Name)
			require.True(t, o.Settled(), "%s %s is %s: %v", plural, o.Name, o.Phase, o.Conditions)
		}
	}
	backends(t, h, alive, objects["networks"])
	accounts(t, p, h, db, objects, project)
	records(t, db, l)
}

// backends compares the host: domains, disks, bridges and namespaces.
func backends(t *testing.T, h *rig.Host, alive map[string]map[string]bool, networks []resource.Raw) {
	t.Helper()
	domains := h.Domains(t)
	require.Len(t, domains, len(alive["servers"]), "domains")
	for id := range domains {
		require.True(t, alive["servers"][id], "domain %s", id)
	}
	for _, sub := range []string{"servers", "volumes"} {
		// A killed agent's drafts go when the id is worked on next, so after a deletion there is none.
		require.ElementsMatch(t, keys(alive[sub]), files(t, filepath.Join(h.Pool, sub)), "disks of %s", sub)
	}
	for id := range alive["servers"] {
		require.FileExists(t, filepath.Join(h.Pool, "servers", id, "disk0.qcow2"))
	}
	for id := range alive["volumes"] {
		require.FileExists(t, filepath.Join(h.Pool, "volumes", id, "disk.qcow2"))
	}
	var placed []string
	for _, n := range networks {
		if rig.Status(n, "status.host") != "" {
			placed = append(placed, n.ID)
			require.ElementsMatch(t, []string{"bridge " + tenantnet.BridgeName(n.ID), "namespace " + tenantnet.NamespaceName(n.ID)}, rig.NetworkLeft(n.ID))
		}
		for _, at := range resource.Lookup(n, "status.ports.server") {
			require.True(t, alive["servers"][at], "network %s keeps an address for server %s", n.Name, at)
		}
	}
	require.ElementsMatch(t, placed, h.Networks())
}

func files(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func keys[V any](set map[string]V) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	return out
}

// accounts compares quota: what each object holds, and what project and host count in sum.
func accounts(t *testing.T, p *rig.Plane, h *rig.Host, db *store.DB, objects map[string][]resource.Raw, project string) {
	t.Helper()
	type use = map[string]int64
	want, host := use{}, use{}
	add := func(to use, metrics use) {
		for k, n := range metrics {
			to[k] += n
		}
	}
	for range objects["servers"] {
		add(want, use{"servers": 1, "vcpus": int64(tiny.VCPUs), "memory_mib": int64(tiny.MemoryMiB)})
		add(host, use{"vcpus": int64(tiny.VCPUs), "memory_mib": int64(tiny.MemoryMiB), "disk_gib": int64(tiny.DiskGiB)})
	}
	for range objects["volumes"] {
		add(want, use{"volumes": 1, "volume_gib": 1})
		add(host, use{"disk_gib": 1})
	}
	add(want, use{"networks": int64(len(objects["networks"]))})
	usage := func(path string) use {
		got := use{}
		for _, u := range rig.Call[struct{ Items []resource.QuotaUsage }](t, p.Client, http.MethodGet, path, nil).Items {
			require.Zero(t, u.Reserved, "%s is still reserved", u.Metric)
			if u.Region == "" {
				got[u.Metric] = u.Committed
			}
		}
		return got
	}
	for metric, n := range usage("/v1/quotas?node=" + project) {
		require.Equal(t, want[metric], n, "quota %s", metric)
		delete(want, metric)
	}
	for metric, n := range want {
		require.Zero(t, n, "quota %s is not counted", metric)
	}
	var rows []resource.QuotaUsage
	require.NoError(t, db.Read.NewSelect().Model(&rows).Where("node = ?", "host:"+h.ID).Scan(t.Context()))
	require.NotEmpty(t, rows)
	for _, u := range rows {
		require.Equal(t, host[strings.TrimPrefix(u.Metric, u.Node+"/")], u.Committed, "%s", u.Metric)
		require.Zero(t, u.Reserved)
	}
	held := map[string]bool{}
	for _, x := range rig.Call[struct{ Items []resource.Holding }](t, p.Client, http.MethodGet, "/v1/quotas/holdings?limit=1000&node="+project, nil).Items {
		held[x.ObjectID] = true
	}
	for _, list := range objects {
		for _, o := range list {
			require.True(t, held[o.ID], "%s %s holds nothing", o.Kind, o.Name)
			delete(held, o.ID)
		}
	}
	require.Empty(t, held, "holdings of objects that are gone")
	kernel := resource.NewStore(resource.Config{DB: db, Registry: resource.NewRegistry(), Tree: tenancy.New(db, nil)})
	defer kernel.Close()
	wrong, err := kernel.Recount(t.Context())
	require.NoError(t, err)
	require.Empty(t, wrong)
}

// records compares what is written about each object: usage events, audit, operations, and jobs.
func records(t *testing.T, db *store.DB, l *ledger) {
	t.Helper()
	usage, audit, ops := map[string][]string{}, map[string][]string{}, map[string][]string{}
	var used []resource.Usage
	require.NoError(t, db.Read.NewSelect().Model(&used).Order("id").Scan(t.Context()))
	for _, u := range used {
		usage[u.ObjectID] = append(usage[u.ObjectID], u.Change)
	}
	var done []resource.Audit
	require.NoError(t, db.Read.NewSelect().Model(&done).Where("kind IN ('server', 'volume', 'network')").Order("id").Scan(t.Context()))
	for _, a := range done {
		audit[a.ObjectID] = append(audit[a.ObjectID], a.Verb)
	}
	var worked []resource.Operation
	require.NoError(t, db.Read.NewSelect().Model(&worked).Where("kind IN ('server', 'volume', 'network')").Order("id").Scan(t.Context()))
	for _, o := range worked {
		require.True(t, o.Ended(), "%s %s", o.Verb, o.ObjectName)
		require.NotEqual(t, resource.OperationFailed, o.State, "%s %s: %s", o.Verb, o.ObjectName, o.Message)
		ops[o.ObjectID] = append(ops[o.ObjectID], o.Verb)
	}
	for op, object := range l.ops {
		require.True(t, slices.ContainsFunc(worked, func(o resource.Operation) bool { return o.ID == op && o.ObjectID == object }), "operation %s was acknowledged", op)
	}
	for id, plural := range l.kind {
		want := []string{"create"}
		if l.deleted[id] {
			want = []string{"create", "delete"}
		}
		require.Equal(t, want, ops[id], "operations of %s %s", plural, l.name[id])
		delete(ops, id)
		if l.deleted[id] {
			want = append(want, "deleted")
		}
		require.Equal(t, want, audit[id], "audit of %s %s", plural, l.name[id])
		delete(audit, id)
		if plural == "networks" {
			continue // is not metered
		}
		events := usage[id]
		require.NotEmpty(t, events, "usage of %s %s", plural, l.name[id])
		require.Equal(t, "create", events[0])
		require.Equal(t, l.deleted[id], events[len(events)-1] == "delete", "usage of %s %s: %v", plural, l.name[id], events)
		for i, e := range events[1:] {
			require.Contains(t, []string{"observe", "delete"}, e, "usage of %s %s: %v", plural, l.name[id], events)
			require.False(t, e == "delete" && i+2 < len(events), "usage of %s %s goes on after its end: %v", plural, l.name[id], events)
		}
		delete(usage, id)
	}
	require.Empty(t, usage)
	require.Empty(t, audit)
	require.Empty(t, ops)
}

// idle wants the queue to come to rest.
func idle(t *testing.T, db *store.DB) {
	t.Helper()
	took := rig.Within(t, time.Minute, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var open []string
		err := db.Read.NewSelect().Table("river_job").ColumnExpr("args").Where("kind = 'reconcile' AND state NOT IN ('completed', 'cancelled', 'discarded')").Scan(ctx, &open)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return fmt.Errorf("%d jobs are left: %s", len(open), strings.Join(open[:min(len(open), 10)], " "))
		}
		return nil
	})
	t.Logf("the queue was empty %s later", took.Round(time.Millisecond))
}
