package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// clusterPool is the pool that what is kept on a storage cluster claims room of.
func clusterPool(id string) string { return "cluster:" + id }

// Pools puts the view of everything together from what was last observed. It reads the database alone: no backend is
// asked, so its ages may be those of the last time that one answered.
func Pools(ctx context.Context, s *resource.Store, now time.Time) (pool.View, error) {
	p := surveyor{Survey: pool.NewSurvey(now), view: s.View(resource.Everything)}
	var err error
	if p.claims, err = s.AllPoolUsage(ctx, hostPool(""), clusterPool("")); err != nil {
		return pool.View{}, err
	}
	if p.placed, err = placedObjects(ctx, s); err != nil {
		return pool.View{}, err
	}
	if p.tiers, err = storageTiers(ctx, s); err != nil {
		return pool.View{}, err
	}
	for kind, add := range map[string]func(resource.Raw) error{"host": p.host, "region": p.region, "cluster": p.cluster, "asset": p.asset} {
		if _, err := s.Registry().Kind(kind); err != nil {
			continue // an installation without it
		}
		if err := resource.All(ctx, p.view, resource.Query{Kind: kind, Limit: 500}, add); err != nil {
			return pool.View{}, err
		}
	}
	return p.View(), nil
}

// placedObjects counts servers, volumes and networks by the place that they are at.
func placedObjects(ctx context.Context, s *resource.Store) (map[string]map[string]int64, error) {
	out := map[string]map[string]int64{}
	for _, kind := range []string{"server", "volume", "network"} {
		if _, err := s.Registry().Kind(kind); err != nil {
			continue
		}
		var err error
		if out[kind], err = s.View(resource.Everything).Count(ctx, kind, "status.host"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tierRule is what decides which pools of which clusters a storage tier lies on.
type tierRule struct {
	name     string
	Clusters []string          `json:"clusters"`
	Labels   map[string]string `json:"traits"`
	Pool     string            `json:"pool"`
}

// storageTiers reads the tiers that name a pool; one that leaves it to the cluster has none to be told of here.
func storageTiers(ctx context.Context, s *resource.Store) ([]tierRule, error) {
	if _, err := s.Registry().Kind("storagetier"); err != nil {
		return nil, nil //nolint:nilerr // an installation without storage clusters
	}
	var out []tierRule
	err := resource.All(ctx, s.View(resource.Everything), resource.Query{Kind: "storagetier", Limit: 500}, func(raw resource.Raw) error {
		t := tierRule{name: raw.Name}
		if err := json.Unmarshal(raw.Spec, &t); err != nil {
			return fmt.Errorf("storage tier %s: %w", raw.Name, err)
		}
		if t.Pool != "" {
			out = append(out, t)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b tierRule) int { return strings.Compare(a.name, b.name) })
	return out, err
}

// on tells whether the tier lies on a cluster of that name and traits.
func (t tierRule) on(cluster string, labels map[string]string) bool {
	if len(t.Clusters) > 0 && !slices.Contains(t.Clusters, cluster) {
		return false
	}
	for k, v := range t.Labels {
		if labels[k] != v {
			return false
		}
	}
	return true
}

type surveyor struct {
	*pool.Survey
	view   resource.View
	claims map[string]map[string]resource.QuotaUsage // by pool and metric
	placed map[string]map[string]int64               // by kind and place
	tiers  []tierRule
}

func (s surveyor) host(raw resource.Raw) error {
	h, err := resource.As[HostSpec, HostStatus](raw)
	if err != nil || !h.Spec.Is(roleKVM) {
		return err
	}
	milli := func(ratio float64) int64 { return int64(math.Round(ratio * 1000)) }
	s.AddHost(pool.HostFigures{Host: hostPlace(h, s.claims[hostPool(h.ID)]), State: h.Status.HostState, CPURatioMilli: milli(h.Spec.CPUOvercommit),
		MemRatioMilli: milli(h.Spec.MemoryOvercommit), ReservedMemoryMiB: int64(h.Spec.ReservedMemoryMiB),
		Servers: s.placed["server"][h.ID], Volumes: s.placed["volume"][h.ID], TenantNets: s.placed["network"][h.ID]})
	return nil
}

func (s surveyor) region(raw resource.Raw) error {
	o, err := resource.As[RegionSpec, RegionStatus](raw)
	if err != nil {
		return err
	}
	s.AddRegion(pool.RegionFigures{Host: regionPlace(o, s.claims[hostPool(o.ID)]), Inventory: o.Status.Inventory,
		OtherVCPUs: o.Status.Foreign.VCPUs, OtherMemoryMiB: o.Status.Foreign.MemoryMiB, OtherVolume: o.Status.Foreign.VolumeGiB,
		Servers: s.placed["server"][o.ID], Volumes: s.placed["volume"][o.ID], TenantNets: s.placed["network"][o.ID]})
	return nil
}

// cluster reads what a storage cluster's status says of the cluster itself.
func (s surveyor) cluster(raw resource.Raw) error {
	var status struct {
		provider.ClusterState
		Alive bool `json:"alive"`
	}
	if err := json.Unmarshal(raw.Status, &status); err != nil {
		return fmt.Errorf("status of cluster %s: %w", raw.Name, err)
	}
	var spec struct {
		Labels map[string]string `json:"traits"`
	}
	if err := json.Unmarshal(raw.Spec, &spec); err != nil {
		return fmt.Errorf("cluster %s: %w", raw.Name, err)
	}
	tiers := map[string][]string{}
	for _, t := range s.tiers {
		if t.on(raw.Name, spec.Labels) {
			tiers[t.Pool] = append(tiers[t.Pool], t.name)
		}
	}
	claims := s.claims[clusterPool(raw.ID)]["disk_gib"]
	s.AddCluster(pool.ClusterFigures{ID: raw.ID, Name: raw.Name, Alive: status.Alive, State: status.ClusterState, Tiers: tiers,
		CapacityGiB: max(claims.Hard, 0), UsedGiB: claims.Committed, Volumes: s.placed["volume"][raw.ID]})
	return nil
}

func (s surveyor) asset(raw resource.Raw) error {
	a, err := resource.As[AssetSpec, AssetStatus](raw)
	if err != nil || a.Spec.Pooled != "" { // counted where it is pooled
		return err
	}
	s.AddAsset(pool.AssetFigures{Type: a.Spec.Type, Arch: a.Spec.Arch, CPUs: a.Spec.CPUs, MemoryMiB: a.Spec.MemoryMiB, DiskGiB: a.Spec.DiskGiB})
	return nil
}
