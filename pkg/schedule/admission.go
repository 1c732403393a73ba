package schedule

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

func (k *Keeper) defaults(_ context.Context, _ *resource.Admission, o *Object) error {
	if o.Spec.Missed == "" {
		o.Spec.Missed = "skip"
	}
	return nil
}

func (k *Keeper) party(a resource.Actor) Party { return Party{ID: a.ID, Name: a.Name, At: k.now()} }

// validate keeps to whoever says what is done that it is done in their name, and refuses what could never be done.
func (k *Keeper) validate(ctx context.Context, a *resource.Admission, old, o *Object) error {
	if old == nil || a.Verb == "update" {
		o.Spec.By, o.Spec.Run = Party{}, nil
		if old != nil {
			o.Spec.By, o.Spec.Run = old.Spec.By, old.Spec.Run
			if reflect.DeepEqual(old.Spec, o.Spec) {
				return nil
			}
		}
		o.Spec.By = k.party(a.Actor)
	}
	if o.Spec.By.At.Equal(byOf(old).At) { // an action that leaves it whose it is
		return nil
	}
	if _, err := k.people.PrincipalOf(ctx, a.Actor.ID); err != nil {
		return resource.Problemf(resource.ReasonForbidden, kindName, "make it as a user, or with a token", "a schedule acts in somebody's name, and %s is nobody", a.Actor.Name)
	}
	if _, err := o.Spec.plan(o.ID, o.Spec.By.At); err != nil {
		return err
	}
	if err := k.fitting(o); err != nil {
		return err
	}
	return k.try(ctx, a.Actor, o)
}

func byOf(o *Object) Party {
	if o == nil {
		return Party{}
	}
	return o.Spec.By
}

// fitting refuses what is not, or does not belong together.
func (k *Keeper) fitting(o *Object) error {
	s := &o.Spec
	var fields []resource.Field
	wrong := func(path string, value any, format string, args ...any) {
		fields = append(fields, resource.Field{Path: "spec." + path, Value: value, Message: fmt.Sprintf(format, args...)})
	}
	if (s.Object == "") == (len(s.Selector) == 0) {
		wrong("object", s.Object, "either object or selector says what it acts on")
	}
	if len(s.Input) > maxInput {
		wrong("input", nil, "is larger than 4 KiB")
	}
	def, err := k.objects.Registry().Kind(s.Kind)
	switch {
	case err != nil || def.Scoping != resource.Projected || def.Name != s.Kind || slices.Contains(decided, s.Kind):
		wrong("kind", s.Kind, "is no kind that can be scheduled: it is one whose objects are in projects, by its name, such as server")
	case !slices.Contains(actionsOf(def), s.Action):
		wrong("action", s.Action, "is none of a %s's: %s", s.Kind, strings.Join(actionsOf(def), ", "))
	}
	m, makes := makers[s.Kind+" "+s.Action]
	switch {
	case s.Keep != nil && !makes:
		wrong("keep", nil, "is for backup and snapshot alone")
	case makes && len(s.Input) > 0 && string(s.Input) != "null" && string(s.Input) != "{}":
		wrong("input", nil, "is nothing that %s of a %s takes here: the schedule gives the name", s.Action, s.Kind)
	case makes && m.kind != "":
		if _, err := k.objects.Registry().Kind(m.kind); err != nil {
			wrong("action", s.Action, "needs the kind %s, which is not there", m.kind)
		}
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: kindName, Detail: "the schedule is not valid", Fields: fields}
	}
	return s.Keep.validate()
}

// decided are the kinds whose actions are decisions of people.
var decided = []string{kindName, "request"}

// maker is an action that makes something.
type maker struct {
	kind string // of what it makes; empty: it is kept within the object
	path string // where that is made
}

// makers are the actions that make something, by kind and action.
var makers = map[string]maker{
	"volume backup":   {"backup", "/v1/backups"},
	"volume snapshot": {"snapshot", "/v1/snapshots"},
	"server backup":   {"serverbackup", "/v1/serverbackups"},
	"server snapshot": {},
}

// actionsOf are the actions of a kind that can be scheduled.
func actionsOf(def *resource.Definition) (out []string) {
	for _, a := range def.Actions {
		out = append(out, a.Name)
	}
	for key, m := range makers {
		if kind, action, _ := strings.Cut(key, " "); kind == def.Name && m.kind != "" {
			out = append(out, action)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// may tells whether an actor has the rights that runs need.
func (k *Keeper) may(ctx context.Context, actor resource.Actor, o *Object) error {
	kind, verb := o.Spec.Kind, o.Spec.Action
	m := makers[kind+" "+verb]
	if m.kind != "" {
		kind, verb = m.kind, "create"
	}
	if err := k.objects.Authorize(ctx, actor, verb, kind, o.Project); err != nil || o.Spec.Keep == nil {
		return err
	}
	if m.kind == "" {
		return k.objects.Authorize(ctx, actor, "update", kind, o.Project)
	}
	return k.objects.Authorize(ctx, actor, "delete", m.kind, o.Project)
}

// try makes a run that writes nothing: what would be refused every time is refused at once.
func (k *Keeper) try(ctx context.Context, actor resource.Actor, o *Object) error {
	if err := k.may(ctx, actor, o); err != nil {
		return err
	}
	works, err := k.works(ctx, actor, o)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return resource.Invalid(kindName, "spec.object", o.Spec.Object, "there is no %s of that name here", o.Spec.Kind)
	}
	if err != nil || len(works) == 0 { // a selector may find something later
		return err
	}
	_, _, err = k.perform(ctx, o, resource.Request{Actor: actor, DryRun: true}, works[0], k.now())
	switch resource.ReasonOf(err) {
	case resource.ReasonInvalid, resource.ReasonForbidden, resource.ReasonNotFound:
		return err
	}
	return nil // how the object is at this moment need not be how it is then
}

// ask is the action run.
func (k *Keeper) ask(ctx context.Context, a *resource.Admission, o *Object, _ any) error {
	if o.Status.Current != nil || o.Spec.Run != nil && (o.Status.Asked == nil || !o.Status.Asked.Equal(o.Spec.Run.By.At)) {
		return resource.Problemf(resource.ReasonConflict, kindName, "wait for its end", "a run of schedule %s is under way", o.Name)
	}
	if err := k.may(ctx, a.Actor, o); err != nil {
		return err
	}
	o.Spec.Run = &Ask{By: k.party(a.Actor)}
	return nil
}

// call is what an action on an object is as a call of the API.
func (k *Keeper) call(o *Object, w Work, name string) (method, path string, body map[string]any) {
	m, makes := makers[o.Spec.Kind+" "+o.Spec.Action]
	if m.kind != "" {
		return http.MethodPost, m.path, map[string]any{"project": o.Project, "name": name, "labels": map[string]string{kindName: o.Name}, "spec": map[string]any{o.Spec.Kind: w.ID}}
	}
	if makes {
		body = map[string]any{"name": name}
	}
	def, err := k.objects.Registry().Kind(o.Spec.Kind)
	if err != nil {
		return "", "", nil // refused at admission
	}
	return http.MethodPost, "/v1/" + def.Plural + "/" + w.ID + "/" + o.Spec.Action, body
}
