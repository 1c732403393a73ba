package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Mode says whether Apply may create, update, or either.
type Mode int

const (
	Upsert Mode = iota
	CreateOnly
	UpdateOnly
)

// Request asks for a desired state.
type Request struct {
	Kind    string
	Project string
	ID      string // of the object to update; else it is found by name
	Name    string
	Labels  map[string]string // nil on update: unchanged
	Spec    json.RawMessage
	Owner   *Ref
	Version int64 // expected version of the object to update; 0: any
	Mode    Mode
	DryRun  bool
	Actor   Actor
	Verb    string // audit and operation verb; default create or update

	// Partial leaves labels, and fields of the spec, that are not stated on update as they are, but for those of Unstated,
	// which become as if nobody had stated them.
	Partial  bool
	Unstated []string

	Warrant *Warrant // somebody's word for what the actor may not do alone; nil: there is none

	IdempotencyKey  string // same key, same actor: the change happens once
	IdempotencyHash string // of the request; another one with the same key is refused
}

// Applied is what Apply did.
type Applied struct {
	Object    Raw            `json:"object"`
	Operation *Operation     `json:"operation,omitempty"` // nil when there is nothing to wait for
	Created   bool           `json:"created"`
	Changed   bool           `json:"changed"`
	Replayed  bool           `json:"-"` // the idempotency key was used before
	Charges   Charges        `json:"charges,omitempty"`
	Plan      *PlacementPlan `json:"plan,omitempty"` // of a dry run of what is placed
	Raises    []Raise        `json:"-"`              // of a dry run with a warrant: the limits that would be raised for it
}

func (s *Store) authorize(ctx context.Context, actor Actor, verb, kind, project string) error {
	if actor.System || s.authority == nil {
		return nil
	}
	return s.authority.Authorize(ctx, actor, verb, kind, project)
}

func (s *Store) admit(ctx context.Context, actor *Actor, verb, kind, project string) error {
	if actor.System || s.authority == nil {
		return nil
	}
	return Admit(ctx, s.authority, actor, verb, kind, project)
}

// Apply writes a desired state: authorise, default, validate, reserve quota; then object, reservation, usage event,
// audit row, operation, watch event and job in one transaction. The same state twice changes nothing.
func (s *Store) Apply(ctx context.Context, req Request) (Applied, error) {
	def, err := s.registry.Kind(req.Kind)
	if err != nil {
		return Applied{}, err
	}
	req.Kind = def.Name
	return insist(ctx, req, func() (Applied, error) { return s.apply(ctx, def, req) })
}

// errMoved marks a refusal of the last instant: what was read had changed by the time of writing.
var errMoved = errors.New("changed meanwhile")

// insist repeats an attempt that lost a race, unless its caller insisted on a version or on creating.
func insist(ctx context.Context, req Request, attempt func() (Applied, error)) (Applied, error) {
	for tries := 1; ; tries++ {
		a, err := attempt()
		if !errors.Is(err, errMoved) || ctx.Err() != nil {
			return a, away(err)
		}
		created := ReasonOf(err) == ReasonAlreadyExists
		if created && (req.Mode != Upsert || tries >= 3) || !created && (req.Version != 0 || tries >= 64) {
			return a, err
		}
	}
}

func (s *Store) apply(ctx context.Context, def *Definition, req Request) (Applied, error) {
	old, err := s.existing(ctx, def, req)
	// Keys are read after the object: whoever sees what a request did sees its key too.
	if a, done, err := s.replay(ctx, req); done || err != nil {
		return a, err
	}
	if err != nil {
		return Applied{}, err
	}
	verb := "update"
	if old == nil {
		verb = "create"
	} else {
		req.Project = old.Project
	}
	if err := s.permit(ctx, &req, verb, def.Name, req.Project); err != nil {
		return Applied{}, err
	}
	if req.Verb == "" {
		req.Verb = verb
	}
	if old == nil {
		return s.create(ctx, def, req)
	}
	return s.update(ctx, def, req, *old)
}

// existing finds the object that the request is about, with its secrets; nil when there is none and there need not be.
func (s *Store) existing(ctx context.Context, def *Definition, req Request) (*Raw, error) {
	view := View{store: s, scope: req.Actor.Scope, open: true}
	key := req.ID
	if key == "" {
		key = req.Name
	}
	if req.Mode == CreateOnly && req.ID == "" {
		return nil, nil
	}
	o, err := view.Get(ctx, def.Name, req.Project, key)
	switch {
	case err == nil && req.ID == "" && o.Project != req.Project: // everybody's, or lent, by the name of one that is to be made
		return nil, nil
	case err == nil:
		return &o, nil
	case ReasonOf(err) == ReasonNotFound && req.Mode != UpdateOnly && req.ID == "":
		return nil, nil
	}
	return nil, err
}

func (s *Store) create(ctx context.Context, def *Definition, req Request) (Applied, error) {
	if err := s.place(def, req); err != nil {
		return Applied{}, err
	}
	if !req.Actor.Scope.Sees(req.Project) {
		return Applied{}, notFound("project", req.Project)
	}
	now := s.now()
	o := Raw{Meta: Meta{ID: NewID(), Kind: def.Name, Project: req.Project, Name: req.Name, Labels: req.Labels, Owner: req.Owner,
		Generation: 1, Version: 1, Phase: PhasePending, CreatedBy: req.Actor.Name, CreatedAt: now, UpdatedAt: now}, Spec: orEmpty(req.Spec)}
	a := s.admission(req)
	charges, measures, err := def.admit(ctx, a, nil, &o)
	if err != nil {
		return Applied{}, err
	}
	if req.DryRun {
		if _, err := s.View(Everything).Get(ctx, def.Name, req.Project, req.Name); err == nil {
			return Applied{}, taken(o.Meta)
		}
	}
	c := &change{def: def, actor: req.Actor, verb: req.Verb, insert: true, respec: true, object: &o, charges: charges, relies: a.relies, idempotency: idempotency(req, o.ID, now),
		usage: s.usage(o.Meta, "create", measures)}
	if !def.Reconciles {
		o.Phase, o.ObservedGeneration, c.commit = PhaseReady, 1, true
	} else {
		c.operation = s.operation(req, o.Meta)
	}
	return s.finish(ctx, c, req, Applied{Created: true, Changed: true, Plan: a.Plan})
}

// place refuses names and projects that can not be.
func (s *Store) place(def *Definition, req Request) error {
	var fields []Field
	if isID(req.Name) {
		fields = append(fields, Field{Path: "name", Value: req.Name, Message: "looks like an id; choose another one"})
	} else if !nameOK(req.Name) {
		fields = append(fields, Field{Path: "name", Value: req.Name, Message: "1 to 63 lower-case letters, digits, dots and dashes; a letter or digit at both ends"})
	}
	if def.Scoping == Projected && req.Project == "" {
		fields = append(fields, Field{Path: "project", Message: "a " + def.Name + " belongs to a project"})
	}
	if def.Scoping == Global && req.Project != "" {
		fields = append(fields, Field{Path: "project", Value: req.Project, Message: "a " + def.Name + " belongs to the whole installation, not to a project"})
	}
	return invalid(def, append(fields, labelFields(req.Labels)...))
}

func invalid(def *Definition, fields []Field) error {
	if fields == nil {
		return nil
	}
	return &Problem{Reason: ReasonInvalid, Kind: def.Name, Detail: "the " + def.Name + " is not valid", Fields: fields}
}

func labelFields(labels map[string]string) []Field {
	var fields []Field
	if len(labels) > 64 {
		fields = append(fields, Field{Path: "labels", Message: "at most 64"})
	}
	for k, v := range labels {
		if k == "" || len(k) > 63 || len(v) > 255 {
			fields = append(fields, Field{Path: "labels." + k, Message: "keys have 1 to 63 bytes, values at most 255"})
		}
	}
	return fields
}

func nameOK(name string) bool {
	if len(name) == 0 || len(name) > 63 {
		return false
	}
	for i, c := range []byte(name) {
		alnum := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || i == len(name)-1 || c != '-' && c != '.') {
			return false
		}
	}
	return true
}

func (s *Store) update(ctx context.Context, def *Definition, req Request, old Raw) (Applied, error) {
	if req.Version != 0 && req.Version != old.Version {
		return Applied{}, stale(old, req.Version)
	}
	if old.DeletingAt != nil {
		return Applied{}, Problemf(ReasonConflict, def.Name, "wait until it is gone", "%s %s is being deleted", def.Name, old.Name)
	}
	if req.Owner != nil && (old.Owner == nil || old.Owner.ID != req.Owner.ID) {
		return Applied{}, Problemf(ReasonAlreadyExists, def.Name, "choose another name, or delete that one first", "%s %s is there already and belongs to someone else", def.Name, old.Name)
	}
	if err := invalid(def, labelFields(req.Labels)); err != nil {
		return Applied{}, err
	}
	o := old
	o.Labels = maps.Clone(old.Labels)
	if req.Partial {
		if err := req.complete(old); err != nil {
			return Applied{}, err
		}
	}
	if req.Labels != nil {
		o.Labels = req.Labels
	}
	if req.Spec != nil {
		spec, err := keepSecrets(def, old.Spec, req.Spec)
		if err != nil {
			return Applied{}, err
		}
		o.Spec = spec
	}
	before := old
	a := s.admission(req)
	charges, measures, err := def.admit(ctx, a, &before, &o)
	if err != nil {
		return Applied{}, err
	}
	respec := !sameJSON(old.Spec, o.Spec)
	if !respec && maps.Equal(orMap(old.Labels), orMap(o.Labels)) {
		if len(def.Secrets) == 0 {
			return Applied{Object: old, Charges: charges}, nil
		}
		hidden, err := s.View(req.Actor.Scope).Get(ctx, def.Name, "", old.ID)
		return Applied{Object: hidden, Charges: charges}, err
	}
	o.Version, o.UpdatedAt = old.Version+1, s.now()
	c := &change{def: def, actor: req.Actor, verb: req.Verb, object: &o, before: old.Spec, expect: old.Version, charges: charges, relies: a.relies, idempotency: idempotency(req, o.ID, o.UpdatedAt)}
	if respec {
		c.respec = true
		o.Generation++
		c.usage = s.usage(o.Meta, "update", measures)
		if def.Reconciles {
			o.Phase = PhaseWorking
			c.operation = s.operation(req, o.Meta)
		} else {
			o.ObservedGeneration, c.commit = o.Generation, true
		}
	}
	return s.finish(ctx, c, req, Applied{Changed: true})
}

func stale(o Raw, expected int64) *Problem {
	return Problemf(ReasonStale, o.Kind, "read it again, then repeat the change", "%s %s has changed since: it is at version %d, not %d", o.Kind, o.Name, o.Version, expected)
}

func (s *Store) finish(ctx context.Context, c *change, req Request, a Applied) (Applied, error) {
	a.Charges, a.Operation = c.charges, c.operation
	var err error
	if c.region, err = s.regionOf(ctx, *c.object, c.charges); err != nil {
		return Applied{}, err
	}
	if c.warranty, err = s.warranty(ctx, req.Warrant, c.object.Project); err != nil {
		return Applied{}, err
	}
	if err := s.prepare(c); err != nil {
		return Applied{}, err
	}
	if req.DryRun {
		a.Operation = nil
		a.Object = *c.object
		a.Object.Spec = c.row.Spec
		a.Raises, err = s.checkQuota(ctx, c)
		return a, err
	}
	if err := s.committer.commit(ctx, c); err != nil {
		// Another request with the same key may have won; which constraint says so first depends on the engine.
		if a, done, replayErr := s.replay(ctx, req); done {
			return a, replayErr
		}
		return Applied{}, err
	}
	a.Object = *c.object
	a.Object.Spec, a.Object.Revision = c.row.Spec, c.row.Revision
	return a, nil
}

// keepSecrets copies into the new spec the secret fields it does not mention, since nobody can read and repeat them.
func keepSecrets(def *Definition, old, spec json.RawMessage) (json.RawMessage, error) {
	if len(def.Secrets) == 0 {
		return spec, nil
	}
	var was, is map[string]json.RawMessage
	if err := json.Unmarshal(orEmpty(old), &was); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(spec, &is); err != nil {
		return nil, Invalid(def.Name, "spec", nil, "not a JSON object: %v", err)
	}
	if is == nil {
		return nil, Invalid(def.Name, "spec", nil, "not a JSON object: null")
	}
	mentioned := map[string]bool{}
	for field := range is {
		mentioned[strings.ToLower(field)] = true
	}
	for _, name := range def.Secrets {
		if !mentioned[strings.ToLower(name)] && was[name] != nil {
			is[name] = was[name]
		}
	}
	return json.Marshal(is)
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(orEmpty(a), &x) == nil && json.Unmarshal(orEmpty(b), &y) == nil && reflect.DeepEqual(x, y)
}

func (s *Store) admission(req Request) *Admission {
	return &Admission{Reader: View{store: s, scope: req.Actor.Scope}, Actor: req.Actor, Verb: req.Verb, DryRun: req.DryRun, Pool: s.PoolUsage, Around: Surroundings{s},
		Node: func(ctx context.Context, idOrName string) (string, error) {
			return s.seenNode(ctx, req.Actor, idOrName)
		},
		Version: func(ctx context.Context, m Meta, version int64) (Version, error) {
			return s.View(req.Actor.Scope).Version(ctx, m.Kind, m.ID, version)
		}}
}

// seenNode finds a node that the actor may read; any other is absent.
func (s *Store) seenNode(ctx context.Context, actor Actor, idOrName string) (string, error) {
	id, err := s.tree.Find(ctx, s.db.Read, idOrName)
	if err != nil {
		return "", err
	}
	if err := s.authorize(ctx, actor, "get", "node", id); err != nil {
		if reason := ReasonOf(err); reason == ReasonForbidden || reason == ReasonNotFound {
			return "", notFound("node", idOrName)
		}
		return "", err
	}
	return id, nil
}

func (s *Store) operation(req Request, m Meta) *Operation {
	return &Operation{ID: NewID(), Kind: m.Kind, ObjectID: m.ID, ObjectName: m.Name, Project: m.Project, Verb: req.Verb, State: OperationPending,
		Generation: m.Generation, Actor: req.Actor.Name, CreatedAt: m.UpdatedAt}
}

func (s *Store) usage(m Meta, what string, measures Measures) *Usage {
	if measures == nil {
		return nil
	}
	return &Usage{ID: NewID(), At: s.now(), Kind: m.Kind, ObjectID: m.ID, ObjectName: m.Name, Project: m.Project, Change: what, Measures: measures}
}

// used ends an object's usage; what is not metered has none to end.
func (s *Store) used(def *Definition, m Meta) *Usage {
	if !def.metered {
		return nil
	}
	return s.usage(m, "delete", Measures{})
}

// complete fills in what a partial request leaves as it is.
func (r *Request) complete(old Raw) error {
	labels := maps.Clone(orMap(old.Labels))
	maps.Copy(labels, r.Labels)
	r.Labels = labels
	have, stated := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := errors.Join(json.Unmarshal(orEmpty(old.Spec), &have), json.Unmarshal(orEmpty(r.Spec), &stated)); err != nil {
		return Invalid(r.Kind, "spec", nil, "is no object: %v", err)
	}
	for field := range have { // by whatever case, as JSON is read in Go
		same := func(other string) bool { return strings.EqualFold(field, other) }
		if slices.ContainsFunc(r.Unstated, same) || slices.ContainsFunc(slices.Collect(maps.Keys(stated)), same) {
			delete(have, field)
		}
	}
	maps.Copy(have, stated)
	spec, err := json.Marshal(have)
	r.Spec = spec
	return err
}

// Act performs an action, a verb of the kind's own that changes the desired state.
func (s *Store) Act(ctx context.Context, req Request, action string, input json.RawMessage) (Applied, error) {
	def, err := s.registry.Kind(req.Kind)
	if err != nil {
		return Applied{}, err
	}
	req.Kind = def.Name
	return insist(ctx, req, func() (Applied, error) { return s.act(ctx, def, req, action, input) })
}

func (s *Store) act(ctx context.Context, def *Definition, req Request, action string, input json.RawMessage) (Applied, error) {
	old, err := View{store: s, scope: req.Actor.Scope, open: true}.Get(ctx, def.Name, req.Project, req.ID)
	if a, done, err := s.replay(ctx, req); done || err != nil {
		return a, err
	}
	if err != nil {
		return Applied{}, err
	}
	if err := s.permit(ctx, &req, action, def.Name, old.Project); err != nil {
		return Applied{}, err
	}
	o := old
	req.Verb = action
	if err := def.act(ctx, s.admission(req), &o, action, input); err != nil {
		return Applied{}, err
	}
	req.ID, req.Project, req.Spec, req.Mode = old.ID, old.Project, o.Spec, UpdateOnly
	if req.Version == 0 {
		req.Version = old.Version
	}
	return s.update(ctx, def, req, old)
}

// Delete asks for the end of an object. With a backend to clean up, it lasts until its reconciler found nothing left.
func (s *Store) Delete(ctx context.Context, req Request) (Applied, error) {
	def, err := s.registry.Kind(req.Kind)
	if err != nil {
		return Applied{}, err
	}
	return insist(ctx, req, func() (Applied, error) { return s.delete(ctx, def, req) })
}

func (s *Store) delete(ctx context.Context, def *Definition, req Request) (Applied, error) {
	o, err := s.View(req.Actor.Scope).Get(ctx, def.Name, req.Project, req.ID)
	if err != nil {
		return Applied{}, err
	}
	if err := s.permit(ctx, &req, "delete", def.Name, o.Project); err != nil {
		return Applied{}, err
	}
	if req.Version != 0 && req.Version != o.Version {
		return Applied{}, stale(o, req.Version)
	}
	if o.DeletingAt != nil {
		return s.deleting(ctx, o)
	}
	if err := def.validateDelete(ctx, s.admission(req), o); err != nil {
		return Applied{}, err
	}
	req.Verb = "delete"
	old := o.Version
	now := s.now()
	o.DeletingAt, o.UpdatedAt, o.Phase, o.Version = &now, now, PhaseDeleting, old+1
	c := &change{def: def, actor: req.Actor, verb: "delete", object: &o, before: o.Spec, expect: old, keepSpec: true}
	if req.Warrant != nil {
		c.warranty = &warranty{note: req.Warrant.Note}
	}
	if def.Reconciles {
		o.Generation++
		c.operation = s.operation(req, o.Meta)
	} else {
		c.remove = true
		c.usage = s.used(def, o.Meta)
	}
	if req.DryRun {
		return Applied{Object: o, Changed: true}, nil
	}
	if err := s.prepare(c); err != nil {
		return Applied{}, err
	}
	if err := s.committer.commit(ctx, c); err != nil {
		return Applied{}, err
	}
	return Applied{Object: o, Operation: c.operation, Changed: true}, nil
}

// deleting answers a second deletion with the operation of the first.
func (s *Store) deleting(ctx context.Context, o Raw) (Applied, error) {
	ops, err := s.View(Everything).Operations(ctx, OperationQuery{ObjectID: o.ID, Limit: 10})
	if err != nil {
		return Applied{}, err
	}
	for i := range ops {
		if ops[i].Verb == "delete" {
			return Applied{Object: o, Operation: &ops[i]}, nil
		}
	}
	return Applied{}, fmt.Errorf("%s %s is being deleted without an operation", o.Kind, o.ID)
}
