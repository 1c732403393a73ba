package kinds

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// StorageTierSpec is a sort of storage that tenants can ask for by name, wherever it is kept.
type StorageTierSpec struct {
	Doc       string            `json:"doc,omitempty" maxLength:"255" doc:"What it is good for"`
	Clusters  []string          `json:"clusters,omitempty" maxItems:"32" doc:"Clusters that keep it, by name; every one with these traits when empty"`
	Labels    map[string]string `json:"traits,omitempty" doc:"What a cluster, a host or a region must be labelled with"`
	Pool      string            `json:"pool,omitempty" maxLength:"127" doc:"Pool of shares within the cluster, storage backend of volumes within a region; the default when empty"`
	Placement string            `json:"placement,omitempty" maxLength:"127" doc:"Placement target of buckets within the cluster; its default when empty"`
	Classes   []string          `json:"classes,omitempty" maxItems:"8" doc:"Words such as ssd, hdd, archive"`
	IOPS      int64             `json:"iops,omitempty" minimum:"0" maximum:"10000000" doc:"Most operations per second of a volume; 0 for no bound"`
	Encrypted bool              `json:"encrypted,omitempty" doc:"What is kept of it is encrypted there: volumes with their snapshots and backups by keys of their own, buckets and shares by their cluster. It can not be changed while something has the tier"`
	MiBps     int64             `json:"mibps,omitempty" minimum:"0" maximum:"1048576" doc:"Most MiB per second of a volume; 0 for no bound"`
}

// StorageTierStatus is empty: a tier is only looked at.
type StorageTierStatus struct{}

// StorageTier is a sort of storage.
type StorageTier = resource.Object[StorageTierSpec, StorageTierStatus]

// QoS is the bound of a volume of the tier, nil for none.
func (s StorageTierSpec) QoS() *provider.QoS { return qosOf(s.IOPS, s.MiBps) }

func qosOf(iops, mibps int64) *provider.QoS {
	if iops == 0 && mibps == 0 {
		return nil
	}
	return &provider.QoS{IOPS: iops, BytesPerSecond: mibps << 20}
}

func storageTierKind() resource.Kind[StorageTierSpec, StorageTierStatus] {
	return resource.Kind[StorageTierSpec, StorageTierStatus]{
		Name: "storagetier", Plural: "storagetiers", Doc: "A sort of storage that volumes, buckets and shares ask for.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "CLUSTERS", Path: "spec.clusters"}, {Header: "POOL", Path: "spec.pool"}, {Header: "CLASSES", Path: "spec.classes"},
			{Header: "IOPS", Path: "spec.iops"}, {Header: "MIB/S", Path: "spec.mibps"}, {Header: "ENCRYPTED", Path: "spec.encrypted"}},
		Indexed: []string{"spec.clusters", "spec.pool"},
		Wakes:   map[string]string{"volume": "spec.tier"},
		Validate: func(ctx context.Context, a *resource.Admission, old, o *StorageTier) error {
			if old != nil && old.Spec.Encrypted != o.Spec.Encrypted {
				if err := refuseUsedTier(ctx, a, o); err != nil {
					return err
				}
			}
			for _, name := range o.Spec.Clusters {
				if _, err := find[ClusterSpec, ClusterStatus](ctx, a, "cluster", "", name, "spec.clusters", "storagetier"); err != nil {
					return err
				}
			}
			return nil
		},
		ValidateDelete: refuseUsedTier,
	}
}

func refuseUsedTier(ctx context.Context, a *resource.Admission, o *StorageTier) error {
	if err := refuseInUseByName(ctx, a, o.Meta, "volume", "spec.tier"); err != nil {
		return err
	}
	return errors.Join(refuseInUseByName(ctx, a, o.Meta, "bucket", "spec.tier"), refuseInUseByName(ctx, a, o.Meta, "share", "spec.tier"))
}

// storageOrder is what looks for a cluster.
type storageOrder struct {
	kind    string // bucket or share
	tier    string
	cluster string // only this one, by name
	gib     int64
}

// tierOf reads the tier an order names; without one, any cluster and its defaults will do.
func tierOf(ctx context.Context, r resource.Reader, o storageOrder) (StorageTierSpec, error) {
	if o.tier == "" {
		return StorageTierSpec{}, nil
	}
	t, err := find[StorageTierSpec, StorageTierStatus](ctx, r, "storagetier", "", o.tier, "spec.tier", o.kind)
	return t.Spec, err
}

// placeOnCluster chooses the cluster with most room that the order's tier allows, and claims it.
func placeOnCluster(ctx context.Context, r *resource.Reconciliation, o storageOrder) (Cluster, error) {
	if err := unclaimAll(ctx, r); err != nil { // of a try whose choice was never kept
		return Cluster{}, err
	}
	tier, err := tierOf(ctx, r, o)
	if err != nil {
		return Cluster{}, err
	}
	var best Cluster
	most := int64(-1)
	var refused []resource.Candidate
	err = resource.All(ctx, r, resource.Query{Kind: "cluster", Limit: 500}, func(raw resource.Raw) error {
		c, err := resource.As[ClusterSpec, ClusterStatus](raw)
		if err != nil {
			return err
		}
		used, err := r.Pool(ctx, clusterPool(c.ID))
		if err != nil {
			return err
		}
		free := used["disk_gib"].Hard - used["disk_gib"].Committed
		if reason, detail := unfit(c, tier, o, free); reason != "" {
			refused = append(refused, resource.Candidate{Name: c.Name, Reason: reason, Detail: detail})
		} else if free > most {
			best, most = c, free
		}
		return nil
	})
	if err != nil {
		return Cluster{}, err
	}
	if most < 0 {
		p := resource.Problemf(resource.ReasonNoCandidate, o.kind, "see the candidates; free room, add disks, or ask for another tier", "no storage cluster can keep %d GiB for a %s", o.gib, o.kind)
		p.Candidates = refused
		return Cluster{}, p
	}
	return best, r.Claim(ctx, clusterPool(best.ID), resource.Charges{"disk_gib": o.gib})
}

// unfit says why a cluster is not for an order.
func unfit(c Cluster, tier StorageTierSpec, o storageOrder, free int64) (reason, detail string) {
	switch {
	case o.cluster != "" && o.cluster != c.Name && o.cluster != c.ID:
		return "NotAskedFor", "the order names cluster " + o.cluster
	case len(tier.Clusters) > 0 && !slices.Contains(tier.Clusters, c.Name):
		return "Tier", "tier " + o.tier + " is not kept here"
	case tier.Encrypted && !c.Spec.Encrypted:
		return "Encryption", "tier " + o.tier + " is encrypted, and the cluster is not said to be"
	case !c.Status.Alive:
		return "Down", c.Condition("Health").Message
	case !c.Spec.Schedulable:
		return "Closed", "closed to new orders by its operator"
	case o.kind == "bucket" && c.Spec.Endpoint == "":
		return "NoBuckets", "it names no S3 interface"
	case o.kind == "share" && len(c.Status.FS) == 0:
		return "NoShares", "it has no file system"
	case free < o.gib:
		return "NoRoom", fmt.Sprintf("%d GiB asked for, %d free", o.gib, max(free, 0))
	}
	for k, v := range tier.Labels {
		if c.Spec.Labels[k] != v {
			return "Label", fmt.Sprintf("label %s is %q, not %q", k, c.Spec.Labels[k], v)
		}
	}
	if o.kind == "share" && tier.Pool != "" && !slices.ContainsFunc(c.Status.Pools, func(p provider.DataPoolState) bool { return p.Name == tier.Pool && p.Application == "cephfs" }) {
		return "NoPool", "it has no pool " + tier.Pool + " for shares"
	}
	return "", ""
}

// checkOrder refuses what names things that are not there, before anything is placed.
func checkOrder(ctx context.Context, a resource.Reader, o storageOrder) error {
	if _, err := tierOf(ctx, a, o); err != nil || o.cluster == "" {
		return err
	}
	_, err := find[ClusterSpec, ClusterStatus](ctx, a, "cluster", "", o.cluster, "spec.cluster", o.kind)
	return err
}
