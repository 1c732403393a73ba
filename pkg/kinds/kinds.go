// Package kinds holds Plaza's kinds of resources, one file each: spec and status, validation, what it charges to
// quota, what it meters, and how it is brought about through a provider interface.
package kinds

import (
	"context"
	"errors"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Backends is what kinds reach the world through.
type Backends struct {
	Driver provider.Driver
	// Regions connects the clouds of regions; Driver sends what is placed there on to them.
	Regions provider.Regions
	// Storage reaches storage clusters.
	Storage provider.Storages
	// Baremetal runs whole machines; their place is the region.
	Baremetal provider.Baremetal
	// Uploads are the images that were uploaded.
	Uploads Uploads
	// Vitals is the last report of a host: its state, and when it came.
	Vitals func(host string) (provider.HostState, time.Time)
	// Ask gets a URL of the outside and returns an error unless it answers 200; nil where nothing can be asked.
	Ask func(ctx context.Context, url string) error
}

// Register adds every kind to the registry. With zero Backends the registry serves for its schemas only.
func Register(reg *resource.Registry, b Backends) {
	reg.Locate(siteOf(reg))
	resource.Register(reg, hostKind(b))
	resource.Register(reg, regionKind(b))
	resource.Register(reg, siteKind())
	resource.Register(reg, placementPolicyKind())
	resource.Register(reg, flavorKind())
	resource.Register(reg, imageKind(b))
	resource.Register(reg, keypairKind())
	resource.Register(reg, securityGroupKind())
	resource.Register(reg, networkKind(b))
	resource.Register(reg, portKind())
	resource.Register(reg, routerKind(b))
	resource.Register(reg, volumeKind(b))
	resource.Register(reg, volumeOfferKind(b))
	resource.Register(reg, snapshotKind(b))
	resource.Register(reg, backupKind(b))
	resource.Register(reg, serverGroupKind(b))
	resource.Register(reg, serverKind(b))
	resource.Register(reg, serverBackupKind(b))
	resource.Register(reg, nodeGroupKind())
	resource.Register(reg, floatingIPKind(b))
	resource.Register(reg, loadBalancerKind(b))
	resource.Register(reg, monitorKind(b))
	resource.Register(reg, baremetalKind(b))
	resource.Register(reg, assetKind())
	resource.Register(reg, clusterKind(b))
	resource.Register(reg, storagePoolKind(b))
	resource.Register(reg, storageTierKind())
	resource.Register(reg, bucketKind(b))
	resource.Register(reg, shareKind(b))
	resource.Register(reg, configKind())
	resource.Register(reg, dpathChainKind())
	resource.Register(reg, dpathEnvKind())
}

// reasons maps a driver's reasons to the kernel's.
var reasons = map[provider.Reason]resource.Reason{
	provider.ReasonNotFound: resource.ReasonNotFound, provider.ReasonInvalid: resource.ReasonInvalid, provider.ReasonConflict: resource.ReasonConflict,
	provider.ReasonNoSpace: resource.ReasonStorageFull, provider.ReasonUnavailable: resource.ReasonUnavailable, provider.ReasonTimeout: resource.ReasonUnavailable,
	provider.ReasonUnderWay: resource.ReasonUnavailable, provider.ReasonUnsupported: resource.ReasonUnsupported,
}

// Explain turns a driver's error into a problem; others pass.
func Explain(kind string, err error) error {
	var e *provider.Error
	if !errors.As(err, &e) {
		return err
	}
	reason, ok := reasons[e.Reason]
	if !ok {
		reason = resource.ReasonInternal
	}
	return &resource.Problem{Reason: reason, Kind: kind, Detail: e.Detail, Hint: e.Hint, Err: err, UnderWay: e.Reason == provider.ReasonUnderWay}
}

// find reads a referenced object and decodes it; path names the field that refers to it.
func find[S, T any](ctx context.Context, r resource.Reader, kind, project, name, path, forKind string) (resource.Object[S, T], error) {
	raw, err := r.Get(ctx, kind, project, name)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		p := resource.Invalid(forKind, path, name, "there is no %s by that name here", kind)
		p.Hint = "list them with: plaza " + kind + " list"
		return resource.Object[S, T]{}, p
	}
	if err != nil {
		return resource.Object[S, T]{}, err
	}
	return resource.As[S, T](raw)
}

// users lists the objects of a kind that refer to id by an indexed path.
func users(ctx context.Context, r resource.Reader, kind, path, id string) ([]resource.Raw, error) {
	return usersIn(ctx, r, kind, path, "", id)
}

// usersIn lists the objects of a kind that refer to key by an indexed path, in one project or, with "", in all.
func usersIn(ctx context.Context, r resource.Reader, kind, path, project, key string) ([]resource.Raw, error) {
	var out []resource.Raw
	err := resource.All(ctx, r, resource.Query{Kind: kind, Project: project, Fields: map[string]string{path: key}, Limit: 500}, func(o resource.Raw) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

// refuseInUse refuses the deletion of what others refer to by its id, naming them.
func refuseInUse(ctx context.Context, r resource.Reader, m resource.Meta, kind, path string) error {
	return refuseUsed(ctx, r, m, m.ID, kind, path)
}

// refuseInUseByName does the same for what is referred to by name, as kinds of the whole installation are.
func refuseInUseByName(ctx context.Context, r resource.Reader, m resource.Meta, kind, path string) error {
	return refuseUsed(ctx, r, m, m.Name, kind, path)
}

func refuseUsed(ctx context.Context, r resource.Reader, m resource.Meta, key, kind, path string) error {
	list, err := users(ctx, r, kind, path, key)
	if err != nil || len(list) == 0 {
		return err
	}
	p := resource.Problemf(resource.ReasonInUse, m.Kind, "delete those first, or take it off them", "%s %s is in use by %d", m.Kind, m.Name, len(list))
	for _, u := range list[:min(len(list), 20)] {
		p.Candidates = append(p.Candidates, resource.Candidate{Name: u.Name, Reason: "InUse", Detail: kind + " " + u.Name + " refers to it by " + path})
	}
	return p
}

// errDriverless says that no backend is connected, e.g. in a program that only prints schemas.
var errDriverless = &resource.Problem{Reason: resource.ReasonUnavailable, Detail: "no provider is connected"}
