package drift

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Config is what a Keeper works with.
type Config struct {
	// Driver answers for every place. It deletes zombies, and adopts where it is a provider.Discoverer.
	Driver provider.Driver
	// Storage answers for storage clusters; nil: there are none.
	Storage provider.Storage
	// Project finds a project that the actor sees, by full name or id.
	Project    func(ctx context.Context, actor resource.Actor, name string) (string, error)
	Authorizer resource.Authorizer
	// Resurvey asks for another look at a place soon; nil: the next one comes by itself.
	Resurvey func(place, cause string)
	Log      *slog.Logger
}

// Keeper keeps an object for each difference, as places are looked at. Without Register it only makes objects look again
// that are not as declared.
type Keeper struct {
	cfg     Config
	objects *resource.Store
	shown   bool // differences are objects

	mu     sync.Mutex
	before map[string]map[string]bool // by place: names of what the last look found missing or changed
}

// New returns a keeper; UseStore makes it work.
func New(cfg Config) *Keeper {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Keeper{cfg: cfg, before: map[string]map[string]bool{}}
}

// UseStore sets the objects; it comes after construction, as the kind needs the keeper before there is a store.
func (k *Keeper) UseStore(s *resource.Store) { k.objects = s }

// lastSeenEvery is how often an unchanged difference is written as still seen.
const lastSeenEvery = time.Hour

// Survey takes what was seen of a place, makes objects look again that are not as declared, and keeps the differences.
// who tells, in a sentence, such as "its region".
func (k *Keeper) Survey(ctx context.Context, place, who string, look provider.Discovery) error {
	view := k.objects.View(resource.Everything)
	at, err := placeOf(ctx, view, place)
	if err != nil {
		return err
	}
	policy, err := kinds.PolicyOf(ctx, view, place)
	if err != nil {
		return err
	}
	look.Read = k.known(look.Read)
	declared, err := Read(ctx, view, at, look)
	if err != nil {
		return err
	}
	found := Compare(place, declared, look)
	k.wake(ctx, found, who)
	if !k.shown {
		k.tell(found)
		return nil
	}
	return k.keep(ctx, at, policy, declared, look, found)
}

// known leaves out the kinds that this installation has not.
func (k *Keeper) known(read map[string]bool) map[string]bool {
	out := map[string]bool{}
	for kind, ok := range read {
		if _, err := k.objects.Registry().Kind(kind); ok && err == nil {
			out[kind] = true
		}
	}
	return out
}

func placeOf(ctx context.Context, r resource.Reader, place string) (Place, error) {
	for _, kind := range []string{"region", "host", "cluster"} {
		o, err := r.Get(ctx, kind, "", place)
		if err == nil {
			return Place{ID: o.ID, Name: o.Name}, nil
		}
		if resource.ReasonOf(err) != resource.ReasonNotFound {
			return Place{}, err
		}
	}
	return Place{ID: place, Name: place}, nil
}

// wake makes the objects look for themselves; what is to be done is for their reconcilers and the policy to say.
func (k *Keeper) wake(ctx context.Context, found []Difference, who string) {
	for _, d := range found {
		cause := "it is missing in " + who
		switch d.Type {
		case Missing:
		case Changed:
			cause = who + " says that " + d.Detail
		default:
			continue
		}
		if err := k.objects.Touch(ctx, d.Kind, d.Object, cause); err != nil && ctx.Err() == nil {
			k.cfg.Log.Warn("a difference can not be queued; the next look will tell again", "kind", d.Kind, "id", d.Object, "error", err)
		}
	}
}

// tell logs zombies where they are not kept as objects.
func (k *Keeper) tell(found []Difference) {
	for _, d := range found {
		if d.Type == Zombie {
			k.cfg.Log.Warn("something carries a Plaza id that no object has there", "place", d.Place, "kind", d.Kind, "id", d.Object, "backend", d.Backend)
		}
	}
}

// keep makes the objects of differences be those that were found.
func (k *Keeper) keep(ctx context.Context, at Place, policy kinds.DriftPolicy, declared []Declared, look provider.Discovery, found []Difference) error {
	have, err := k.kept(ctx, at.ID)
	if err != nil {
		return err
	}
	before := k.swap(at.ID, found)
	var failed error
	for _, d := range found {
		name := d.ID()
		old, kept := have[name]
		delete(have, name)
		if kept && old.DeletingAt != nil { // it was gone, and is back
			k.again(at.ID, "a difference is back")
			continue
		}
		if !kept && !k.worth(ctx, policy, d, before[name]) || d.Type == Extra && policy.Extra == "ignore" && !kept {
			continue
		}
		if err := k.write(ctx, at, d, old, kept); err != nil && resource.ReasonOf(err) != resource.ReasonStale {
			failed = errors.Join(failed, err)
		}
	}
	for _, old := range have {
		if look.Read[old.Spec.Kind] && !underWay(old, declared) {
			failed = errors.Join(failed, k.drop(ctx, old))
		}
	}
	return failed
}

// holdsData are the kinds that are not made again by themselves.
var holdsData = []string{"volume", "snapshot", "backup", "bucket", "share"}

// worth tells whether a difference that has no object yet gets one. What reconcilers put right by themselves does only
// when it is still there at the next look.
func (k *Keeper) worth(ctx context.Context, policy kinds.DriftPolicy, d Difference, again bool) bool {
	switch d.Type {
	case Missing:
		return again || policy.Missing == "hold" || slices.Contains(holdsData, d.Kind)
	case Changed:
		return again || policy.Changed == "hold"
	case Zombie:
		return d.Twin || k.still(ctx, d)
	}
	return true
}

// still tells whether a zombie is there yet: its object may have been deleted, with it, since the look began.
func (k *Keeper) still(ctx context.Context, d Difference) bool {
	var err error
	switch d.Kind {
	case "server":
		_, err = k.cfg.Driver.GetServer(ctx, d.Place, d.Object)
	case "volume":
		_, err = k.cfg.Driver.GetVolume(ctx, d.Place, d.Object)
	case "snapshot":
		_, err = k.cfg.Driver.GetSnapshot(ctx, d.Place, d.Object)
	case "backup":
		_, err = k.cfg.Driver.GetBackup(ctx, d.Place, d.Object)
	case "network":
		_, err = k.cfg.Driver.GetNetwork(ctx, d.Place, d.Object)
	case "bucket":
		_, err = k.cfg.Storage.GetBucket(ctx, d.Place, d.Object)
	case "share":
		_, err = k.cfg.Storage.GetShare(ctx, d.Place, d.Object)
	}
	return !provider.IsNotFound(err)
}

// underWay tells whether the object of a difference is being worked on: that it was not found differing proves nothing.
func underWay(o Object, declared []Declared) bool {
	if o.Spec.Difference != Missing && o.Spec.Difference != Changed {
		return false
	}
	i := slices.IndexFunc(declared, func(d Declared) bool { return d.ID == o.Spec.Object })
	return i >= 0 && !declared[i].Settled
}

func (k *Keeper) swap(place string, found []Difference) map[string]bool {
	now := map[string]bool{}
	for _, d := range found {
		if d.Type == Missing || d.Type == Changed {
			now[d.ID()] = true
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	was := k.before[place]
	k.before[place] = now
	return was
}

// kept are the objects of a place's differences by name.
func (k *Keeper) kept(ctx context.Context, place string) (map[string]Object, error) {
	out := map[string]Object{}
	err := resource.All(ctx, k.objects.View(resource.Everything), resource.Query{Kind: "drift", Fields: map[string]string{"spec.place": place}, Limit: 1000}, func(raw resource.Raw) error {
		o, err := resource.As[Spec, Status](raw)
		out[o.Name] = o
		return err
	})
	return out, err
}

var self = resource.System("drift")

// write makes or updates the object of a difference. Decisions stay as long as it is the same one.
func (k *Keeper) write(ctx context.Context, at Place, d Difference, old Object, kept bool) error {
	s := Spec{Place: at.ID, PlaceName: at.Name, Kind: d.Kind, Difference: d.Type, Object: d.Object, ObjectName: d.Name, Project: d.Project, Backend: d.Backend,
		BackendName: d.Found.Name, Tenant: d.Found.Tenant, TenantName: d.Found.TenantName, Detail: d.Detail, Fields: d.Fields, Twin: d.Twin, Facts: d.Found.Facts,
		FirstSeen: time.Now().UTC().Truncate(time.Second)}
	if d.Type == Extra {
		s.ObjectName = ""
	}
	s.Facts.InUse = nil // it changes with every server there
	req := resource.Request{Kind: "drift", Name: d.ID(), Actor: self, Mode: resource.CreateOnly, Verb: "found"}
	if kept {
		req.ID, req.Version, req.Mode, req.Verb = old.ID, old.Version, resource.UpdateOnly, ""
		s.FirstSeen, s.Ignore = old.Spec.FirstSeen, old.Spec.Ignore
		if old.Spec.Difference == d.Type {
			s.Repair, s.Adopt = old.Spec.Repair, old.Spec.Adopt
		}
	}
	var err error
	if req.Spec, err = json.Marshal(s); err != nil {
		return err
	}
	a, err := k.objects.Apply(ctx, req)
	if err != nil || a.Changed || old.Status.LastSeen != nil && time.Since(*old.Status.LastSeen) < lastSeenEvery {
		return err
	}
	return k.objects.Touch(ctx, "drift", old.ID, "it was seen again")
}

// drop ends a difference that is seen no more; its history stays.
func (k *Keeper) drop(ctx context.Context, old Object) error {
	_, err := k.objects.Delete(ctx, resource.Request{Kind: "drift", ID: old.ID, Actor: self})
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil
	}
	return err
}
