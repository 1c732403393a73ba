package drift

import (
	"context"
	"encoding/json"
	"time"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// reconcile does what was decided about a difference. That it is gone only the next look at the place can tell.
func (k *Keeper) reconcile(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	if k.objects == nil {
		return resource.Result{}, &resource.Problem{Reason: resource.ReasonUnavailable, Kind: "drift", Detail: "no provider is connected"}
	}
	if o.Status.LastSeen == nil || time.Since(*o.Status.LastSeen) > lastSeenEvery {
		now := time.Now().UTC().Truncate(time.Second)
		o.Status.LastSeen = &now
	}
	due, err := k.repairDue(ctx, r, o)
	switch {
	case err != nil:
		return resource.Result{}, err
	case o.Spec.Adopt != nil && o.Status.State != Adopted:
		return k.adopt(ctx, o)
	case due:
		return k.repair(ctx, r, o)
	case ignored(o.Spec):
		o.Status.State, o.Status.Message = Ignored, o.Spec.Ignore.Reason
		return resource.Result{Done: true, Again: until(o.Spec.Ignore)}, nil
	case o.Status.State == "" || o.Status.State == Ignored:
		o.Status.State, o.Status.Message = Open, ""
	}
	return resource.Result{Done: true}, nil
}

func ignored(s Spec) bool {
	return s.Ignore != nil && (s.Ignore.Until == nil || time.Now().Before(*s.Ignore.Until))
}

func until(i *Ignore) time.Duration {
	if i.Until == nil {
		return 0
	}
	return time.Until(*i.Until) + time.Second
}

// repairDue tells whether someone asked for a repair that was not carried out, or the place's policy does.
func (k *Keeper) repairDue(ctx context.Context, r resource.Reader, o *Object) (bool, error) {
	if o.Spec.Repair != nil {
		return o.Spec.Repair.At.After(o.Status.Repaired), nil
	}
	if o.Spec.Difference != Zombie || o.Spec.Twin || o.Spec.Ignore != nil {
		return false, nil
	}
	policy, err := kinds.PolicyOf(ctx, r, o.Spec.Place)
	return policy.Zombie == "delete" && o.Status.State != Repairing, err
}

func (k *Keeper) repair(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	by := "policy"
	if o.Spec.Repair != nil {
		by = o.Spec.Repair.By
	}
	if o.Spec.Difference == Zombie {
		if err := k.bury(ctx, o.Spec); err != nil {
			return resource.Result{}, kinds.Explain("drift", err)
		}
		r.Note("drift.deleted", o.Spec.Kind+" "+o.Spec.Backend+" of "+o.Spec.PlaceName+" was deleted, as asked for by "+by)
	} else {
		r.Touch(o.Spec.Kind, o.Spec.Object, kinds.RepairCause+" by "+by)
	}
	o.Status.State, o.Status.Message = Repairing, "as asked for by "+by
	if o.Spec.Repair != nil {
		o.Status.Repaired = o.Spec.Repair.At
	}
	k.again(o.Spec.Place, "a difference was repaired")
	return resource.Result{Done: true}, nil
}

// again asks for another look, so that what was done shows soon.
func (k *Keeper) again(place, cause string) {
	if k.cfg.Resurvey != nil {
		k.cfg.Resurvey(place, cause)
	}
}

// deletable are the kinds of which drivers delete by Plaza's id.
var deletable = []string{"server", "volume", "snapshot", "backup", "network", "router", "image", "bucket", "share"}

// bury deletes a zombie, unless there is an object with its id in the place by now.
func (k *Keeper) bury(ctx context.Context, s Spec) error {
	o, err := k.objects.View(resource.Everything).Get(ctx, s.Kind, "", s.Object)
	if err == nil {
		d, err := declared(o, Place{s.Place, s.PlaceName})
		if err != nil {
			return err
		}
		if !d.Settled || d.Anywhere || len(d.Places) == 0 || d.Places[0] == s.Place {
			return resource.Problemf(resource.ReasonConflict, "drift", "look again", "there is a %s with that id by now", s.Kind)
		}
	} else if resource.ReasonOf(err) != resource.ReasonNotFound {
		return err
	}
	err = nil
	switch s.Kind {
	case "server":
		err = k.cfg.Driver.DeleteServer(ctx, s.Place, s.Object)
	case "volume":
		err = k.cfg.Driver.DeleteVolume(ctx, s.Place, s.Object)
	case "snapshot":
		err = k.cfg.Driver.DeleteSnapshot(ctx, s.Place, s.Object)
	case "backup":
		err = k.cfg.Driver.DeleteBackup(ctx, s.Place, s.Object)
	case "network":
		err = k.cfg.Driver.DeleteNetwork(ctx, s.Place, s.Object)
	case "router":
		err = k.cfg.Driver.DeleteRouter(ctx, s.Place, s.Object)
	case "image":
		err = k.cfg.Driver.DeleteImage(ctx, s.Place, s.Object)
	case "bucket":
		err = k.cfg.Storage.DeleteBucket(ctx, s.Place, s.Object, false) // one with objects is refused
	case "share":
		err = k.cfg.Storage.DeleteShare(ctx, s.Place, s.Object)
	}
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

// settable is the part of an object's spec that a changed fact can be written to.
func settable(s Spec) (map[string]any, bool) {
	patch := map[string]any{}
	for _, f := range s.Fields {
		switch {
		case f.Name == "power" && (f.Observed == "running" || f.Observed == "stopped"):
			patch["power"] = f.Observed
		case f.Name == "sizeGiB" && s.Facts.SizeGiB > 0:
			patch["sizeGiB"] = s.Facts.SizeGiB
		default:
			return nil, false
		}
	}
	return patch, len(patch) > 0
}

// accept makes what was changed outside be what is wanted.
func (k *Keeper) accept(ctx context.Context, o *Object) (resource.Result, error) {
	patch, ok := settable(o.Spec)
	if !ok {
		return resource.Result{}, resource.Problemf(resource.ReasonInvalid, "drift", "repair it", "it has changed further: %s", o.Spec.Detail)
	}
	raw, err := k.objects.Unsealed(ctx, resource.Everything, o.Spec.Kind, "", o.Spec.Object)
	if err != nil {
		return resource.Result{}, err
	}
	var spec map[string]any
	if err := json.Unmarshal(raw.Spec, &spec); err != nil {
		return resource.Result{}, err
	}
	for field, v := range patch {
		spec[field] = v
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return resource.Result{}, err
	}
	_, err = k.objects.Apply(ctx, resource.Request{Kind: o.Spec.Kind, ID: o.Spec.Object, Spec: text, Mode: resource.UpdateOnly, Version: raw.Version, Actor: inNameOf(o), Verb: "adopt"})
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.State, o.Status.Message = Adopted, "what was seen is wanted now"
	k.again(o.Spec.Place, "a difference was adopted")
	return resource.Result{Done: true}, nil
}

// inNameOf is the system, acting as the one who decided: that person was allowed to when it was asked for.
func inNameOf(o *Object) resource.Actor {
	a := resource.System("drift")
	if o.Spec.Adopt != nil {
		a.Name = o.Spec.Adopt.By
	}
	return a
}
