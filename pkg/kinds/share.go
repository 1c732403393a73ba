package kinds

import (
	"context"
	"regexp"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ShareSpec is a directory that several servers mount.
type ShareSpec struct {
	Tier    string        `json:"tier,omitempty" maxLength:"63" doc:"Storage tier; any cluster when empty"`
	Cluster string        `json:"cluster,omitempty" maxLength:"63" doc:"Only this cluster; chosen when empty"`
	SizeGiB int64         `json:"sizeGiB" minimum:"1" maximum:"1048576" doc:"Most that it holds; it may shrink as far as it is empty"`
	Access  []ShareAccess `json:"access,omitempty" maxItems:"256" doc:"Who may mount it; keys are read by GET /v1/shares/{id}/credentials"`
}

// ShareAccess lets one client in.
type ShareAccess struct {
	Name string `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" doc:"Of the client, unique within the share"`
	Mode string `json:"mode" enum:"ro,rw" doc:"Read only, or read and write"`
}

// ShareStatus is where the share is.
type ShareStatus struct {
	Cluster   string        `json:"cluster,omitempty" doc:"Id of the cluster that keeps it"`
	FS        string        `json:"fs,omitempty" doc:"Name of the file system"`
	Path      string        `json:"path,omitempty" doc:"Within the file system"`
	Monitors  []string      `json:"monitors,omitempty" doc:"Where clients mount it from"`
	UsedBytes int64         `json:"usedBytes"`
	Access    []ShareClient `json:"access,omitempty"`
}

// ShareClient is one who may mount the share.
type ShareClient struct {
	ShareAccess
	Client string `json:"client" doc:"Name that the client gives"`
}

// Share is a directory that several servers mount.
type Share = resource.Object[ShareSpec, ShareStatus]

var clientName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func shareKind(b Backends) resource.Kind[ShareSpec, ShareStatus] {
	return resource.Kind[ShareSpec, ShareStatus]{
		Name: "share", Plural: "shares", Doc: "A directory that several servers mount.",
		Columns: []resource.Column{{Header: "GIB", Path: "spec.sizeGiB"}, {Header: "FS", Path: "status.fs"}, {Header: "PATH", Path: "status.path"}, {Header: "USED", Path: "status.usedBytes"}},
		Indexed: []string{"spec.tier", "status.cluster"},
		Charge: func(o *Share) resource.Charges {
			return ofTier(resource.Charges{"shares": 1, "share_gib": o.Spec.SizeGiB}, "share_gib", o.Spec.Tier)
		},
		Meter: func(o *Share) resource.Measures {
			return resource.Measures{"share_gib": o.Spec.SizeGiB, "share_used_gib": (o.Status.UsedBytes + gib - 1) / gib}
		},
		Validate: validateShare,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Share) (resource.Result, error) {
			return reconcileShare(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Share) (resource.Result, error) {
			if o.Status.Cluster == "" {
				return resource.Result{Done: true}, nil
			}
			if err := reachCluster(ctx, b, r, o.Status.Cluster, "share"); err != nil {
				return resource.Result{}, err
			}
			if err := b.Storage.DeleteShare(ctx, o.Status.Cluster, o.ID); err != nil {
				return resource.Result{}, Explain("share", err)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

func validateShare(ctx context.Context, a *resource.Admission, old, o *Share) error {
	if o.Spec.SizeGiB < 1 {
		return resource.Invalid("share", "spec.sizeGiB", o.Spec.SizeGiB, "is at least 1")
	}
	seen := map[string]bool{}
	for _, x := range o.Spec.Access {
		switch {
		case !clientName.MatchString(x.Name):
			return resource.Invalid("share", "spec.access.name", x.Name, "lower-case letters, digits and dashes")
		case seen[x.Name]:
			return resource.Invalid("share", "spec.access.name", x.Name, "is there twice")
		case x.Mode != "ro" && x.Mode != "rw":
			return resource.Invalid("share", "spec.access.mode", x.Mode, "is ro or rw")
		}
		seen[x.Name] = true
	}
	if old != nil && (old.Spec.Tier != o.Spec.Tier || old.Spec.Cluster != o.Spec.Cluster) {
		return resource.Invalid("share", "spec.tier", o.Spec.Tier, "a share stays where it is; make another one and copy the files")
	}
	return checkOrder(ctx, a, storageOrder{kind: "share"}.of(o.Spec.Tier, o.Spec.Cluster))
}

func reconcileShare(ctx context.Context, b Backends, r *resource.Reconciliation, o *Share) (resource.Result, error) {
	if b.Storage == nil {
		return resource.Result{}, errDriverless
	}
	order := storageOrder{kind: "share", gib: o.Spec.SizeGiB}.of(o.Spec.Tier, o.Spec.Cluster)
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
	want := provider.Share{ID: o.ID, Name: o.Name, Project: o.Project, SizeGiB: o.Spec.SizeGiB, Pool: tier.Pool}
	for _, x := range o.Spec.Access {
		want.Access = append(want.Access, provider.Access(x))
	}
	gone, err := lost(r, o.Meta, o.Status.Path != "", func() error {
		_, err := b.Storage.GetShare(ctx, o.Status.Cluster, o.ID)
		return err
	})
	if err != nil || gone {
		return holdLost(&o.Meta, err)
	}
	state, err := b.Storage.EnsureShare(ctx, o.Status.Cluster, want)
	if err != nil {
		return resource.Result{}, Explain("share", err)
	}
	o.Status.FS, o.Status.Path, o.Status.Monitors, o.Status.UsedBytes, o.Status.Access = state.FS, state.Path, state.Monitors, state.UsedBytes, nil
	for _, g := range state.Access {
		o.Status.Access = append(o.Status.Access, ShareClient{ShareAccess(g.Access), g.Client})
	}
	unhold(&o.Meta)
	return resource.Result{Done: true, Again: useEvery}, nil
}
