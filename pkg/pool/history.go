package pool

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// Metrics are what the history of a pool is kept of. The last four are also kept of each of its storage pools, external
// networks and classes of machines, by their name.
var Metrics = []string{"vcpus", "memory_mib", "disk_gib", "volume_gib", "raw_bytes", "storage_bytes", "addresses", "machines"}

// Sample is one metric of a pool at one time. Used is what is taken there by anybody.
type Sample struct {
	bun.BaseModel `bun:"table:pool_samples" json:"-"`

	Place    string `bun:",pk"` // id of the pool
	Pool     string `bun:",pk"` // of a part of it; empty for the whole
	Metric   string `bun:",pk"`
	At       int64  `bun:",pk"` // seconds since 1970
	Capacity int64
	Used     int64
	Free     int64
}

// Point is a sample in a series.
type Point struct {
	At       time.Time `json:"at"`
	Capacity int64     `json:"capacity"`
	Used     int64     `json:"used"`
	Free     int64     `json:"free"`
}

// Series is the history of one metric.
type Series struct {
	Place       string  `json:"place" doc:"Id of the pool"`
	Pool        string  `json:"pool,omitempty" doc:"Storage pool, external network or class of machines"`
	Metric      string  `json:"metric"`
	StepSeconds int64   `json:"stepSeconds"`
	Items       []Point `json:"items" nullable:"false" doc:"Of each step its busiest moment; steps without a sample are left out"`
}

// Span selects a series. Without Step there are about 240 points.
type Span struct {
	Place, Pool, Metric string
	From, To            time.Time
	Step                time.Duration
}

const (
	minStep   = 30 * time.Second
	maxPoints = 5000
)

// History reads a series.
func History(ctx context.Context, db *store.DB, s Span) (Series, error) {
	if !slices.Contains(Metrics, s.Metric) {
		p := resource.Invalid("pool", "metric", s.Metric, "is not a metric of pools")
		p.Hint = fmt.Sprintf("metrics are %v", Metrics)
		return Series{}, p
	}
	if !s.From.Before(s.To) {
		return Series{}, resource.Invalid("pool", "from", s.From, "is not before the end")
	}
	if s.Step == 0 {
		s.Step = max((s.To.Sub(s.From) / 240).Truncate(SampleEvery), SampleEvery)
	}
	if s.Step < minStep || s.To.Sub(s.From)/s.Step > maxPoints {
		p := resource.Invalid("pool", "step", int64(s.Step/time.Second), "is too small: a series has at most %d points, none closer than %s", maxPoints, minStep)
		p.Hint = "leave it out, or ask for less time"
		return Series{}, p
	}
	out := Series{Place: s.Place, Pool: s.Pool, Metric: s.Metric, StepSeconds: int64(s.Step / time.Second), Items: []Point{}}
	var rows []Sample
	err := db.Read.NewRaw(`SELECT at, capacity, used, free FROM (SELECT at, capacity, used, free,
			ROW_NUMBER() OVER (PARTITION BY at / ? ORDER BY used DESC, at DESC) AS n FROM pool_samples
			WHERE place = ? AND pool = ? AND metric = ? AND at >= ? AND at <= ?) steps WHERE n = 1 ORDER BY at`,
		out.StepSeconds, s.Place, s.Pool, s.Metric, s.From.Unix(), s.To.Unix()).Scan(ctx, &rows)
	for _, r := range rows {
		out.Items = append(out.Items, Point{At: time.Unix(r.At, 0).UTC(), Capacity: r.Capacity, Used: r.Used, Free: r.Free})
	}
	return out, err
}

// Recorded tells whether a pool that may be gone has a history.
func Recorded(ctx context.Context, db *store.DB, place string) (bool, error) {
	return db.Read.NewSelect().Model((*Sample)(nil)).Where("place = ?", place).Limit(1).Exists(ctx)
}

// samples are what a view says of every pool now. What is not known now is left out: a gap is the truth.
func samples(v View) []Sample {
	at := v.At.Unix()
	var out []Sample
	for _, p := range append([]Pool{v.Total}, v.Items...) {
		add := func(part, metric string, capacity, used, free int64) {
			out = append(out, Sample{Place: p.ID, Pool: part, Metric: metric, At: at, Capacity: capacity, Used: used, Free: free})
		}
		amount := func(metric string, a Amount) { add("", metric, a.Capacity, a.Used+a.Others, a.Free) }
		known := !p.Stale || p.Kind == KindTotal || p.Kind == KindSite && p.Alive > 0
		if known && p.Kind != KindCluster {
			amount("vcpus", p.VCPUs)
			amount("memory_mib", p.MemoryMiB)
			amount("disk_gib", p.DiskGiB)
		}
		if known && p.Kind != KindSite {
			amount("volume_gib", p.VolumeGiB)
		}
		if s := p.Storage; s != nil && (known || !s.Stale) {
			if p.Kind != KindRegion {
				add("", "raw_bytes", s.Raw.TotalBytes, s.Raw.UsedBytes, s.Raw.FreeBytes)
			}
			for _, d := range s.Pools {
				add(d.Name, "storage_bytes", d.TotalBytes, d.UsedBytes, d.FreeBytes)
			}
		}
		if n := p.Network; n != nil && p.Kind != KindSite && (known || !n.Stale) {
			add("", "addresses", n.Total, n.Used, n.Free)
			for _, a := range n.Addresses {
				add(a.Name, "addresses", a.Total, a.Used, a.Free)
			}
		}
		if b := p.Baremetal; b != nil && (known || !b.Stale) {
			add("", "machines", b.Total, b.Used, b.Free)
			for _, c := range b.Classes {
				add(c.Class, "machines", c.Total, c.Used, c.Free)
			}
		}
	}
	return out
}
