package kinds

import (
	"context"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// StoragePoolSpec is a pool of a storage cluster.
type StoragePoolSpec struct {
	Cluster       string `json:"cluster" minLength:"1" maxLength:"63" doc:"Cluster by name"`
	Pool          string `json:"pool,omitempty" maxLength:"63" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"Its name in the cluster; that of this object when empty"`
	Application   string `json:"application" enum:"rbd,rgw,cephfs" doc:"What it is for: volumes, buckets or shares"`
	PGs           int    `json:"pgs,omitempty" minimum:"1" maximum:"65536" doc:"Placement groups; as the cluster chooses when empty"`
	Replicas      int    `json:"replicas,omitempty" minimum:"2" maximum:"10" doc:"Copies; default 3 when there are no chunks"`
	DataChunks    int    `json:"dataChunks,omitempty" minimum:"2" maximum:"31" doc:"Erasure coded, with codingChunks, instead of copies"`
	CodingChunks  int    `json:"codingChunks,omitempty" minimum:"1" maximum:"30" doc:"How many disks may fail"`
	DeviceClass   string `json:"deviceClass,omitempty" maxLength:"32" pattern:"^[A-Za-z0-9_-]*$" doc:"Disks it may use, such as ssd; any when empty"`
	FailureDomain string `json:"failureDomain,omitempty" enum:"host,rack,osd" doc:"What no two copies share; default host"`
	QuotaGiB      int64  `json:"quotaGiB,omitempty" minimum:"0" doc:"0 for none"`
}

// StoragePoolStatus is the pool as it was last seen.
type StoragePoolStatus struct {
	provider.DataPoolState
	Cluster string `json:"cluster,omitempty" doc:"Id of the cluster"`
	Made    string `json:"made,omitempty" enum:"here,before" doc:"Whether it was made for this object, or was there before and stays"`
}

// StoragePool is a pool of a storage cluster.
type StoragePool = resource.Object[StoragePoolSpec, StoragePoolStatus]

// storagePoolEvery is how often a pool is compared with what is wanted of it.
const storagePoolEvery = 2 * time.Minute

func storagePoolKind(b Backends) resource.Kind[StoragePoolSpec, StoragePoolStatus] {
	return resource.Kind[StoragePoolSpec, StoragePoolStatus]{
		Name: "storagepool", Plural: "storagepools", Doc: "A pool of a storage cluster, replicated or erasure coded.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "CLUSTER", Path: "spec.cluster"}, {Header: "APPLICATION", Path: "spec.application"}, {Header: "SIZE", Path: "status.size"},
			{Header: "STORED", Path: "status.storedBytes"}, {Header: "FREE", Path: "status.freeBytes"}},
		Indexed: []string{"spec.cluster", "status.cluster"},
		Default: func(_ context.Context, _ *resource.Admission, o *StoragePool) error {
			if o.Spec.Pool == "" {
				o.Spec.Pool = o.Name
			}
			if o.Spec.FailureDomain == "" {
				o.Spec.FailureDomain = "host"
			}
			if o.Spec.Replicas == 0 && o.Spec.DataChunks == 0 {
				o.Spec.Replicas = 3
			}
			return nil
		},
		Validate: validateStoragePool,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *StoragePool) error {
			return refuseUsed(ctx, a, o.Meta, o.Spec.Pool, "storagetier", "spec.pool")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *StoragePool) (resource.Result, error) {
			return reconcileStoragePool(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *StoragePool) (resource.Result, error) {
			if o.Status.Made != "here" {
				return resource.Result{Done: true}, nil
			}
			if err := reachCluster(ctx, b, r, o.Status.Cluster, "storagepool"); err != nil {
				return resource.Result{}, err
			}
			if err := b.Storage.DeletePool(ctx, o.Status.Cluster, o.Spec.Pool, false); err != nil {
				return resource.Result{}, Explain("storagepool", err)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

func validateStoragePool(ctx context.Context, a *resource.Admission, old, o *StoragePool) error {
	if _, err := find[ClusterSpec, ClusterStatus](ctx, a, "cluster", "", o.Spec.Cluster, "spec.cluster", "storagepool"); err != nil {
		return err
	}
	s := o.Spec
	if (s.DataChunks > 0) != (s.CodingChunks > 0) || s.DataChunks > 0 && s.Replicas > 0 {
		return resource.Invalid("storagepool", "spec.dataChunks", s.DataChunks, "a pool has either replicas, or data and coding chunks")
	}
	if old == nil {
		return nil
	}
	was := old.Spec
	if was.Cluster != s.Cluster || was.Pool != s.Pool || was.Application != s.Application || was.DataChunks != s.DataChunks || was.CodingChunks != s.CodingChunks {
		return resource.Invalid("storagepool", "spec", s.Pool, "cluster, name, application and chunks of a pool stay; make another pool and move the data")
	}
	return nil
}

func reconcileStoragePool(ctx context.Context, b Backends, r *resource.Reconciliation, o *StoragePool) (resource.Result, error) {
	if b.Storage == nil {
		return resource.Result{}, errDriverless
	}
	c, err := find[ClusterSpec, ClusterStatus](ctx, r, "cluster", "", o.Spec.Cluster, "spec.cluster", "storagepool")
	if err != nil {
		return resource.Result{}, err
	}
	if err := connectCluster(ctx, b, r, c); err != nil {
		return resource.Result{}, err
	}
	if o.Status.Made == "" {
		return firstLookAtPool(ctx, b, o, c)
	}
	s := o.Spec
	state, err := b.Storage.EnsurePool(ctx, c.ID, provider.DataPool{Name: s.Pool, Application: s.Application, PGs: s.PGs, Replicas: s.Replicas, DataChunks: s.DataChunks,
		CodingChunks: s.CodingChunks, DeviceClass: s.DeviceClass, FailureDomain: s.FailureDomain, QuotaGiB: s.QuotaGiB})
	if err != nil {
		return resource.Result{}, Explain("storagepool", err)
	}
	o.Status.DataPoolState = state
	return resource.Result{Done: true, Again: storagePoolEvery}, nil
}

// firstLookAtPool remembers, before anything is made, whether the pool was there: one that others made is never deleted.
func firstLookAtPool(ctx context.Context, b Backends, o *StoragePool, c Cluster) (resource.Result, error) {
	state, err := b.Storage.GetCluster(ctx, c.ID)
	if err != nil {
		return resource.Result{}, Explain("storagepool", err)
	}
	o.Status.Cluster, o.Status.Made = c.ID, "here"
	if slices.ContainsFunc(state.Pools, func(p provider.DataPoolState) bool { return p.Name == o.Spec.Pool }) {
		o.Status.Made = "before"
	}
	return resource.Result{Again: soon, Message: "the cluster was looked at"}, nil
}
