package kinds

import (
	"context"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BucketSpec is a bucket with the S3 interface.
type BucketSpec struct {
	Tier          string `json:"tier,omitempty" maxLength:"63" doc:"Storage tier; any cluster when empty"`
	Cluster       string `json:"cluster,omitempty" maxLength:"63" doc:"Only this cluster; chosen when empty"`
	QuotaGiB      int64  `json:"quotaGiB" minimum:"1" maximum:"1048576" doc:"Most that it holds"`
	Objects       int64  `json:"objects,omitempty" minimum:"0" doc:"Most objects; 0 for any number"`
	Versioning    bool   `json:"versioning,omitempty" doc:"Keep what is written over or deleted"`
	ExpireDays    int    `json:"expireDays,omitempty" minimum:"0" maximum:"36500" doc:"Objects are deleted after so many days; 0 for never"`
	PurgeOnDelete bool   `json:"purgeOnDelete,omitempty" doc:"Deletion takes the objects with it; without, it waits until the bucket is empty"`
	RetiredKey    string `json:"retiredKey,omitempty" maxLength:"128" doc:"Access key that lets nobody in any more; set by the action rotate-key"`
}

// BucketStatus is where the bucket is. Its secret key is read by GET /v1/buckets/{id}/credentials alone.
type BucketStatus struct {
	Cluster   string `json:"cluster,omitempty" doc:"Id of the cluster that keeps it"`
	Endpoint  string `json:"endpoint,omitempty" doc:"URL of the S3 interface"`
	Bucket    string `json:"bucket,omitempty" doc:"Name that S3 clients give"`
	AccessKey string `json:"accessKey,omitempty"`
	Bytes     int64  `json:"bytes"`
	Objects   int64  `json:"objects"`
}

// Bucket is a bucket with the S3 interface.
type Bucket = resource.Object[BucketSpec, BucketStatus]

// useEvery is how often the use of buckets and shares is read.
const useEvery = 2 * time.Minute

func bucketKind(b Backends) resource.Kind[BucketSpec, BucketStatus] {
	return resource.Kind[BucketSpec, BucketStatus]{
		Name: "bucket", Plural: "buckets", Doc: "Objects behind the S3 interface.",
		Columns: []resource.Column{{Header: "GIB", Path: "spec.quotaGiB"}, {Header: "BUCKET", Path: "status.bucket"}, {Header: "ENDPOINT", Path: "status.endpoint"},
			{Header: "OBJECTS", Path: "status.objects"}, {Header: "BYTES", Path: "status.bytes"}},
		Indexed: []string{"spec.tier", "status.cluster"},
		Charge: func(o *Bucket) resource.Charges {
			return ofTier(resource.Charges{"buckets": 1, "object_gib": o.Spec.QuotaGiB}, "object_gib", o.Spec.Tier)
		},
		Meter: func(o *Bucket) resource.Measures {
			return resource.Measures{"object_gib": o.Spec.QuotaGiB, "object_used_gib": (o.Status.Bytes + gib - 1) / gib}
		},
		Validate: validateBucket,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Bucket) (resource.Result, error) {
			return reconcileBucket(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Bucket) (resource.Result, error) {
			if o.Status.Cluster == "" {
				return resource.Result{Done: true}, nil
			}
			if err := reachCluster(ctx, b, r, o.Status.Cluster, "bucket"); err != nil {
				return resource.Result{}, err
			}
			if err := b.Storage.DeleteBucket(ctx, o.Status.Cluster, o.ID, o.Spec.PurgeOnDelete); err != nil {
				return resource.Result{}, Explain("bucket", err)
			}
			return resource.Result{Done: true}, nil
		},
		Actions: map[string]resource.Action[BucketSpec, BucketStatus]{
			"rotate-key": {Doc: "Replace the keys; the old ones let nobody in any more.", Apply: func(_ context.Context, _ *resource.Admission, o *Bucket, _ any) error {
				if o.Status.AccessKey == "" || o.Status.AccessKey == o.Spec.RetiredKey {
					return resource.Problemf(resource.ReasonConflict, "bucket", "wait until it is ready", "bucket %s has no keys to replace yet", o.Name)
				}
				o.Spec.RetiredKey = o.Status.AccessKey
				return nil
			}},
		},
	}
}

func (o storageOrder) of(tier, cluster string) storageOrder {
	o.tier, o.cluster = tier, cluster
	return o
}

func validateBucket(ctx context.Context, a *resource.Admission, old, o *Bucket) error {
	if o.Spec.QuotaGiB < 1 {
		return resource.Invalid("bucket", "spec.quotaGiB", o.Spec.QuotaGiB, "is at least 1")
	}
	if old != nil && (old.Spec.Tier != o.Spec.Tier || old.Spec.Cluster != o.Spec.Cluster) {
		return resource.Invalid("bucket", "spec.tier", o.Spec.Tier, "a bucket stays where it is; make another one and copy the objects")
	}
	return checkOrder(ctx, a, storageOrder{kind: "bucket"}.of(o.Spec.Tier, o.Spec.Cluster))
}

// bucketName is unique in every cluster: names of objects are unique within their project alone.
func bucketName(m resource.Meta) string {
	name := strings.ReplaceAll(m.Name, ".", "-")
	return strings.Trim(name[:min(len(name), 50)], "-") + "-" + m.ID[len(m.ID)-12:]
}

func reconcileBucket(ctx context.Context, b Backends, r *resource.Reconciliation, o *Bucket) (resource.Result, error) {
	if b.Storage == nil {
		return resource.Result{}, errDriverless
	}
	order := storageOrder{kind: "bucket", gib: o.Spec.QuotaGiB}.of(o.Spec.Tier, o.Spec.Cluster)
	if o.Status.Cluster == "" {
		c, err := placeOnCluster(ctx, r, order)
		if err != nil {
			return resource.Result{}, err
		}
		o.Status.Cluster = c.ID // kept before anything is made there, so that a crash finds it again
		return resource.Result{Again: soon, Message: "placed on " + c.Name}, nil
	}
	tier, err := settleOn(ctx, b, r, order, o.Status.Cluster)
	if err != nil {
		return resource.Result{}, err
	}
	gone, err := lost(r, o.Meta, o.Status.Bucket != "", func() error {
		_, err := b.Storage.GetBucket(ctx, o.Status.Cluster, o.ID)
		return err
	})
	if err != nil || gone {
		return holdLost(&o.Meta, err)
	}
	state, err := b.Storage.EnsureBucket(ctx, o.Status.Cluster, provider.Bucket{ID: o.ID, Name: bucketName(o.Meta), Project: o.Project, QuotaGiB: o.Spec.QuotaGiB,
		Objects: o.Spec.Objects, Versioning: o.Spec.Versioning, ExpireDays: o.Spec.ExpireDays, Placement: tier.Placement, RetiredKey: o.Spec.RetiredKey})
	if err != nil {
		return resource.Result{}, Explain("bucket", err)
	}
	o.Status.Endpoint, o.Status.Bucket, o.Status.AccessKey, o.Status.Bytes, o.Status.Objects = state.Endpoint, state.Name, state.Key, state.Bytes, state.Objects
	unhold(&o.Meta)
	return resource.Result{Done: true, Again: useEvery}, nil
}

// settleOn claims what an order takes of the cluster it is on, makes the driver know that cluster, and reads the tier.
func settleOn(ctx context.Context, b Backends, r *resource.Reconciliation, o storageOrder, id string) (StorageTierSpec, error) {
	if err := r.Claim(ctx, clusterPool(id), resource.Charges{"disk_gib": o.gib}); err != nil {
		return StorageTierSpec{}, err
	}
	if err := reachCluster(ctx, b, r, id, o.kind); err != nil {
		return StorageTierSpec{}, err
	}
	return tierOf(ctx, r, o)
}
