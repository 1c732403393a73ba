package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

func init() {
	benches["list"] = bench{"one page of 100 objects out of 1,000 and 100,000 stored ones, from the store", benchList}
}

func benchList(ctx context.Context) error {
	sizes, samples := []int{1_000, 100_000}, 1000
	if *quick {
		sizes, samples = []int{1_000, 10_000}, 200
	}
	fmt.Println("| database | query | stored | p50 | p99 | p50 growth |")
	fmt.Println("|---|---|---:|---:|---:|---:|")
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		base := map[string]time.Duration{}
		for _, size := range sizes {
			if err := listOf(ctx, d, size, samples, base); err != nil {
				return err
			}
		}
	}
	return nil
}

func listOf(ctx context.Context, d store.Dialect, size, samples int, base map[string]time.Duration) error {
	k, err := newKernel(ctx, d)
	if err != nil {
		return err
	}
	defer k.close()
	ids, err := k.fill(ctx, size)
	if err != nil {
		return err
	}
	view := k.View(resource.Within("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"))
	for _, q := range []struct {
		name string
		make func() resource.Query
	}{
		{"first page", func() resource.Query { return resource.Query{Kind: "machine"} }},
		{"any page", func() resource.Query { return resource.Query{Kind: "machine", After: ids[rand.IntN(len(ids)*9/10)]} }},
		{"one project", func() resource.Query {
			return resource.Query{Kind: "machine", Project: "p3", After: ids[rand.IntN(len(ids)/10)]}
		}},
		{"newest first", func() resource.Query { return resource.Query{Kind: "machine", Sort: "-createdAt"} }},
		{"by name", func() resource.Query {
			return resource.Query{Kind: "machine", Filters: []string{fmt.Sprint("name prefix m", rand.IntN(size/100))}}
		}},
		{"by phase", func() resource.Query {
			return resource.Query{Kind: "machine", Filters: []string{"phase=Ready"}, Sort: "name"}
		}},
		{"by a field without index", func() resource.Query {
			return resource.Query{Kind: "machine", Filters: []string{"status.power=running"}, After: ids[rand.IntN(len(ids)*9/10)]}
		}},
		{"by label", func() resource.Query {
			return resource.Query{Kind: "machine", Labels: map[string]string{"rack": fmt.Sprint(rand.IntN(size / 100))}}
		}},
	} {
		times := make([]time.Duration, samples)
		for i := range times {
			query := q.make()
			began := time.Now()
			if _, err := view.List(ctx, query); err != nil {
				return err
			}
			times[i] = time.Since(began)
		}
		p50 := quantile(times, 0.5)
		growth := "1.00"
		if base[q.name] == 0 {
			base[q.name] = p50
		} else {
			growth = fmt.Sprintf("%.2f", float64(p50)/float64(base[q.name]))
		}
		fmt.Printf("| %s | %s | %d | %s | %s | %s |\n", d, q.name, size, milliseconds(p50), milliseconds(quantile(times, 0.99)), growth)
	}
	return nil
}

// storedMachine and storedKey are rows of the kernel's tables, as a settled machine leaves them.
type storedMachine struct {
	bun.BaseModel `bun:"table:objects"`

	ID, Kind, Project, Name, Labels, Spec, Status, Conditions, Finalizers, Phase, CreatedBy string
	Generation, ObservedGeneration, Version, Revision                                       int64
	CreatedAt, UpdatedAt                                                                    time.Time
}

type storedKey struct {
	bun.BaseModel `bun:"table:object_index"`

	Kind, Key, Value, ObjectID string
}

// fill stores ready machines, in eight projects and racks of 100, as rows: what is measured is reading.
func (k *kernel) fill(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, 0, n)
	for begin := 0; begin < n; begin += 500 {
		var objects []storedMachine
		var keys []storedKey
		for i := begin; i < min(begin+500, n); i++ {
			id, at, rack := resource.NewID(), time.Now().UTC(), fmt.Sprint(i/100)
			ids = append(ids, id)
			r := machineRequest(fmt.Sprint("p", i%8), fmt.Sprint("m", i))
			objects = append(objects, storedMachine{ID: id, Kind: r.Kind, Project: r.Project, Name: r.Name, Labels: `{"tier":"web","rack":"` + rack + `"}`, Spec: string(r.Spec),
				Status: `{"host":"host-1","power":"running","addresses":["10.0.0.9"]}`, Finalizers: "[]", Phase: "Ready", CreatedBy: "bench",
				Conditions: `[{"type":"Ready","status":"True","reason":"AsDesired","since":"2026-01-01T00:00:00Z"}]`,
				Generation: 1, ObservedGeneration: 1, Version: 2, Revision: int64(i), CreatedAt: at, UpdatedAt: at})
			for key, value := range map[string]string{"labels.tier": "web", "labels.rack": rack, "spec.flavor": "small", "status.host": "host-1"} {
				keys = append(keys, storedKey{Kind: r.Kind, Key: key, Value: value, ObjectID: id})
			}
		}
		if _, err := k.db.Write.NewInsert().Model(&objects).Exec(ctx); err != nil {
			return nil, err
		}
		if _, err := k.db.Write.NewInsert().Model(&keys).Exec(ctx); err != nil {
			return nil, err
		}
	}
	_, err := k.db.Write.ExecContext(ctx, "ANALYZE")
	return ids, err
}
