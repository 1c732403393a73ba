package drift

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func asked(a *resource.Admission) Asked {
	return Asked{By: a.Actor.Name, At: time.Now().UTC().Truncate(time.Millisecond)}
}

func askRepair(_ context.Context, a *resource.Admission, o *Object, _ any) error {
	switch {
	case o.Spec.Difference == Extra:
		return resource.Problemf(resource.ReasonConflict, "drift", "adopt or ignore it; who made it can delete it at its cloud", "%s is not Plaza's to repair", o.Spec.BackendName)
	case o.Spec.Twin:
		return resource.Problemf(resource.ReasonConflict, "drift", "look at both at their cloud, and delete the one that is wrong: this one is "+o.Spec.Backend,
			"two carry the id of one %s; deleting by the id would hit the real one", o.Spec.Kind)
	case o.Spec.Difference == Zombie && !slices.Contains(deletable, o.Spec.Kind):
		return resource.Problemf(resource.ReasonConflict, "drift", "delete it at its backend", "a %s is not deleted by its id", o.Spec.Kind)
	}
	at := asked(a)
	o.Spec.Repair = &at
	return nil
}

func askIgnore(_ context.Context, a *resource.Admission, o *Object, input any) error {
	in := input.(*IgnoreInput)
	if in.Until != nil && in.Until.Before(time.Now()) {
		return resource.Invalid("drift", "input.until", in.Until, "is over already")
	}
	if strings.TrimSpace(in.Reason) == "" {
		return resource.Invalid("drift", "input.reason", in.Reason, "say why, for those who come after")
	}
	o.Spec.Ignore = &Ignore{Asked: asked(a), Reason: in.Reason, Until: in.Until}
	return nil
}

// adoptable are the kinds of which others' objects can be taken over.
var adoptable = []string{"server", "volume", "network", "image"}

func (k *Keeper) askAdopt(ctx context.Context, a *resource.Admission, o *Object, input any) error {
	in := input.(*AdoptInput)
	adopt := &Adoption{Asked: asked(a), Networks: in.Networks}
	if o.Spec.Difference == Changed {
		if _, ok := settable(o.Spec); !ok {
			return resource.Problemf(resource.ReasonConflict, "drift", "repair it, or change it by hand", "what was changed of the %s can not be taken over: %s", o.Spec.Kind, o.Spec.Detail)
		}
		o.Spec.Adopt = adopt
		return nil
	}
	if _, err := a.Get(ctx, "host", "", o.Spec.Place); err == nil {
		return resource.Problemf(resource.ReasonConflict, "drift", "ignore it, or move it into a region", "what others have on a host is shown, and can not be adopted")
	}
	if err := mayBeAdopted(o.Spec); err != nil {
		return err
	}
	adopt.Name = cmp.Or(in.Name, nameOf(o.Spec))
	if o.Spec.Kind != "image" {
		if in.Project == "" {
			return resource.Invalid("drift", "input.project", "", "say which project it goes to")
		}
		adopt.Project = in.Project
		if k.cfg.Project != nil {
			id, err := k.cfg.Project(ctx, a.Actor, in.Project)
			if err != nil {
				return err
			}
			adopt.Project = id
		}
	}
	o.Spec.Adopt = adopt
	return nil
}

// permit refuses who may not make such objects where the adopted one goes, or change the one that is changed.
func (k *Keeper) permit(ctx context.Context, actor resource.Actor, o *Object) error {
	if k.cfg.Authorizer == nil {
		return nil
	}
	if o.Spec.Difference == Changed {
		return k.cfg.Authorizer.Authorize(ctx, actor, "update", o.Spec.Kind, o.Spec.Project)
	}
	if o.Spec.Adopt.Networks {
		if err := k.cfg.Authorizer.Authorize(ctx, actor, "create", "network", o.Spec.Adopt.Project); err != nil {
			return err
		}
	}
	return k.cfg.Authorizer.Authorize(ctx, actor, "create", o.Spec.Kind, o.Spec.Adopt.Project)
}

// mayBeAdopted refuses what can not become an object as it is.
func mayBeAdopted(s Spec) error {
	refuse := func(hint, format string, args ...any) error {
		return resource.Problemf(resource.ReasonConflict, "drift", hint, format, args...)
	}
	f := s.Facts
	switch {
	case s.Difference != Extra:
		return refuse("repair or ignore it", "a %s difference is not adopted", s.Difference)
	case !slices.Contains(adoptable, s.Kind):
		return refuse("ignore it", "a %s that others made can not be adopted; %v can", s.Kind, adoptable)
	case s.Kind == "server" && f.Power != provider.PowerRunning && f.Power != provider.PowerStopped:
		return refuse("start or stop it at its cloud first", "the server is %s", cmp.Or(string(f.Power), f.State))
	case s.Kind == "server" && (len(f.Cards) == 0 || f.Cards[0].Address == ""):
		return refuse("attach it to a network at its cloud first", "the server has no card with an IPv4 address")
	case s.Kind == "network" && f.CIDR == "":
		return refuse("give it an IPv4 subnet at its cloud first", "the network has no IPv4 subnet")
	case s.Kind == "image" && f.Visibility != "public" && f.Visibility != "community":
		return refuse("make it public at its cloud first", "the image is %s: servers of other tenants could not use it", f.Visibility)
	case s.Kind == "image" && f.State != "active":
		return refuse("wait until it is active", "the image is %s", f.State)
	case s.Kind == "volume" && f.State != "available" && f.State != "in-use":
		return refuse("wait until it is available", "the volume is %s", f.State)
	}
	return nil
}

// nameOf makes a name for an object from that at the backend.
func nameOf(s Spec) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(s.BackendName))
	name = strings.Trim(name[:min(len(name), 63)], "-.")
	if name == "" {
		name = s.Kind + "-" + s.Backend[:min(len(s.Backend), 8)]
	}
	return name
}
