package drift

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// clusterEvery is how often a storage cluster is compared with the database: it tells nothing by itself.
const clusterEvery = 5 * time.Minute

// Run looks at every storage cluster now and then, until ctx ends. Regions and hosts are looked at by those who follow them.
func (k *Keeper) Run(ctx context.Context) error {
	if k.cfg.Storage == nil {
		return nil
	}
	tick := time.NewTicker(clusterEvery)
	defer tick.Stop()
	for {
		if err := k.SurveyClusters(ctx); err != nil && ctx.Err() == nil {
			k.cfg.Log.Warn("storage clusters can not be compared", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// SurveyClusters looks at every storage cluster once.
func (k *Keeper) SurveyClusters(ctx context.Context) error {
	return resource.All(ctx, k.objects.View(resource.Everything), resource.Query{Kind: "cluster", Limit: 500}, func(o resource.Raw) error {
		look := LookStorage(ctx, k.cfg.Storage, o.ID)
		for kind, why := range look.Failed {
			k.cfg.Log.Warn("a part of a storage cluster can not be compared", "cluster", o.Name, "kind", kind, "error", why)
		}
		return k.Survey(ctx, o.ID, "its cluster", look)
	})
}

// LookStorage sees what of a storage cluster carries a Plaza id.
func LookStorage(ctx context.Context, s provider.Storage, place string) provider.Discovery {
	out := provider.Discovery{StartedAt: time.Now().UTC(), Read: map[string]bool{}, Failed: map[string]string{}}
	put := func(kind, id, backend, name string, f provider.Facts) {
		out.Found = append(out.Found, provider.Found{Kind: kind, Backend: backend, Name: name, PlazaID: id, Facts: f})
	}
	buckets, err := s.ListBuckets(ctx, place)
	for _, b := range buckets {
		put("bucket", b.ID, b.Name, b.Name, provider.Facts{Bytes: b.Bytes})
	}
	note(&out, "bucket", err)
	shares, err := s.ListShares(ctx, place)
	for _, x := range shares {
		put("share", x.ID, x.Path, x.Name, provider.Facts{SizeGiB: int(x.SizeGiB)})
	}
	note(&out, "share", err)
	return out
}

// note tells whether a kind was read to the end. A cluster that keeps none of a kind says NotFound or Invalid: there is
// nothing to compare.
func note(d *provider.Discovery, kind string, err error) {
	switch provider.ReasonOf(err) {
	case "":
		d.Read[kind] = true
	case provider.ReasonNotFound, provider.ReasonInvalid:
	default:
		d.Failed[kind] = err.Error()
	}
}
