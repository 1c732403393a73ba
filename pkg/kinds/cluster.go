package kinds

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ClusterSpec is where a storage cluster is reached, and what operators decide about it.
type ClusterSpec struct {
	Type              string            `json:"type" enum:"ceph" doc:"What sort of cluster it is"`
	Hosts             []string          `json:"hosts" minItems:"1" maxItems:"32" nullable:"false" doc:"Hosts with the role ceph whose agents serve it, by name; any of them will do"`
	Endpoint          string            `json:"endpoint,omitempty" maxLength:"255" doc:"URL of its S3 interface; without one it keeps no buckets"`
	AccessKey         string            `json:"accessKey,omitempty" maxLength:"255" doc:"Of an administrator of that interface; encrypted at rest and never returned"`
	SecretKey         string            `json:"secretKey,omitempty" maxLength:"1024" doc:"Encrypted at rest and never returned"`
	CACert            string            `json:"caCert,omitempty" maxLength:"65536" doc:"PEM of that interface's authority; the system's when empty"`
	OvercommitPercent int               `json:"overcommitPercent,omitempty" minimum:"10" maximum:"1000" doc:"How much of its room is promised, as sizes are promised and use grows later; default 100"`
	Encrypted         bool              `json:"encrypted,omitempty" doc:"All its disks are encrypted, as its operator says: encrypted tiers may be kept here"`
	Schedulable       bool              `json:"schedulable" doc:"New buckets and shares may be placed here"`
	Labels            map[string]string `json:"traits,omitempty" doc:"What tiers can ask for"`
}

// ClusterStatus is what was last read of the cluster.
type ClusterStatus struct {
	provider.ClusterState
	Alive    bool       `json:"alive" doc:"An agent of it answers, and it has quorum"`
	LastSeen *time.Time `json:"lastSeen,omitempty"`
}

// Cluster is a storage cluster.
type Cluster = resource.Object[ClusterSpec, ClusterStatus]

const (
	// clusterEvery is how often a cluster is looked at when nothing calls for it.
	clusterEvery = 30 * time.Second
	gib          = 1 << 30
)

func clusterKind(b Backends) resource.Kind[ClusterSpec, ClusterStatus] {
	return resource.Kind[ClusterSpec, ClusterStatus]{
		Name: "cluster", Plural: "clusters", Doc: "A storage cluster, such as Ceph, that volumes, buckets and shares are kept on.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "TYPE", Path: "spec.type"}, {Header: "ALIVE", Path: "status.alive"}, {Header: "HEALTH", Path: "status.health"},
			{Header: "VERSION", Path: "status.version"}, {Header: "BYTES", Path: "status.totalBytes"}, {Header: "USED", Path: "status.usedBytes"}},
		Indexed:        []string{"spec.hosts", "status.health"},
		Secrets:        []string{"accessKey", "secretKey"},
		Default:        defaultCluster,
		Validate:       validateCluster,
		ValidateDelete: refuseUsedCluster,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Cluster) (resource.Result, error) {
			return reconcileCluster(ctx, b, r, o)
		},
		Delete: func(_ context.Context, _ *resource.Reconciliation, o *Cluster) (resource.Result, error) {
			if b.Storage != nil {
				b.Storage.Forget(o.ID)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

func defaultCluster(_ context.Context, _ *resource.Admission, o *Cluster) error {
	if o.Spec.OvercommitPercent == 0 {
		o.Spec.OvercommitPercent = 100
	}
	return nil
}

func validateCluster(ctx context.Context, a *resource.Admission, _, o *Cluster) error {
	for _, name := range o.Spec.Hosts {
		h, err := find[HostSpec, HostStatus](ctx, a, "host", "", name, "spec.hosts", "cluster")
		if err != nil {
			return err
		}
		if !h.Spec.Is(roleCeph) {
			p := resource.Invalid("cluster", "spec.hosts", name, "host %s has not the role ceph", name)
			p.Hint = "enrol a node of the cluster with: plaza-agent-ceph enrol --roles ceph"
			return p
		}
	}
	if o.Spec.Endpoint == "" {
		return nil
	}
	if u, err := url.Parse(o.Spec.Endpoint); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		p := resource.Invalid("cluster", "spec.endpoint", o.Spec.Endpoint, "is not the URL of an S3 interface")
		p.Hint = "for example https://s3.example:8443"
		return p
	}
	if o.Spec.AccessKey == "" || o.Spec.SecretKey == "" {
		p := resource.Invalid("cluster", "spec.accessKey", "(secret)", "an endpoint needs the keys of an administrator")
		p.Hint = `radosgw-admin user create --uid plaza --display-name Plaza --caps "users=*;buckets=*"`
		return p
	}
	return nil
}

func refuseUsedCluster(ctx context.Context, a *resource.Admission, o *Cluster) error {
	for _, kind := range []string{"storagepool", "storagetier"} {
		path := map[string]string{"storagepool": "spec.cluster", "storagetier": "spec.clusters"}[kind]
		if err := refuseInUseByName(ctx, a, o.Meta, kind, path); err != nil {
			return err
		}
	}
	for _, kind := range []string{"bucket", "share"} {
		if err := refuseInUse(ctx, a, o.Meta, kind, "status.cluster"); err != nil {
			return err
		}
	}
	return nil
}

// reconcileCluster reads the cluster and tells how much there is to promise. It looks again for ever.
func reconcileCluster(ctx context.Context, b Backends, r *resource.Reconciliation, o *Cluster) (resource.Result, error) {
	if b.Storage == nil {
		return resource.Result{}, errDriverless
	}
	if err := connectCluster(ctx, b, r, *o); err != nil {
		return resource.Result{}, err
	}
	state, err := b.Storage.GetCluster(ctx, o.ID)
	if err != nil {
		if o.Status.Alive {
			r.Note("cluster.lost", err.Error())
		}
		o.Status.Alive = false
		o.SetCondition(resource.Condition{Type: "Health", Status: resource.Unknown, Reason: "Unreachable", Message: err.Error()})
		return resource.Result{Again: 5 * time.Second, Message: err.Error(), Degraded: o.ObservedGeneration > 0}, nil
	}
	o.Status.ClusterState, o.Status.Alive = state, true
	seen := state.ObservedAt.UTC().Truncate(time.Second)
	o.Status.LastSeen = &seen
	health := healthOf(state)
	o.SetCondition(health)
	if err := r.SetCapacity(ctx, clusterPool(o.ID), resource.Charges{"disk_gib": clusterCapacity(*o)}); err != nil {
		return resource.Result{}, err
	}
	if state.Health == "HEALTH_ERR" {
		return resource.Result{Again: clusterEvery, Message: health.Message, Degraded: true}, nil
	}
	return resource.Result{Done: true, Again: clusterEvery}, nil
}

// connectCluster tells the driver where the cluster is; hosts that were deleted since are left out.
func connectCluster(ctx context.Context, b Backends, r resource.Reader, o Cluster) error {
	s := provider.StorageSettings{Type: o.Spec.Type, FSID: o.Status.FSID, Endpoint: o.Spec.Endpoint, AccessKey: o.Spec.AccessKey, SecretKey: o.Spec.SecretKey, CACert: o.Spec.CACert}
	for _, name := range o.Spec.Hosts {
		h, err := r.Get(ctx, "host", "", name)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return err
		}
		s.Hosts = append(s.Hosts, h.ID)
	}
	b.Storage.Connect(o.ID, s)
	return nil
}

// reachCluster makes the driver know the cluster that an object of a kind is kept on, as after a start of the control plane.
func reachCluster(ctx context.Context, b Backends, r resource.Reader, id, kind string) error {
	if b.Storage == nil {
		return errDriverless
	}
	c, err := find[ClusterSpec, ClusterStatus](ctx, r, "cluster", "", id, "status.cluster", kind)
	if err != nil {
		return err
	}
	return connectCluster(ctx, b, r, c)
}

func healthOf(s provider.ClusterState) resource.Condition {
	if s.Health == "HEALTH_OK" {
		return resource.Condition{Type: "Health", Status: resource.True, Reason: "Healthy", Message: "the cluster complains of nothing"}
	}
	var said []string
	for _, c := range s.Checks {
		said = append(said, c.Code+": "+c.Message)
	}
	return resource.Condition{Type: "Health", Status: resource.False, Reason: s.Health, Message: strings.Join(said, "; ")}
}

// clusterCapacity is what may be promised: what is stored, and the room of the pool that has most, for pools share the
// disks. Copies are taken off already.
func clusterCapacity(o Cluster) int64 {
	var stored, free int64
	for _, p := range o.Status.Pools {
		stored, free = stored+p.StoredBytes, max(free, p.FreeBytes)
	}
	return (stored + free) / gib * int64(max(o.Spec.OvercommitPercent, 1)) / 100
}
