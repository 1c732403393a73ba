package resource

import (
	"context"
	"slices"
)

// Actor is who asks: a person, a service account, or the system itself.
type Actor struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Remote string `json:"remote,omitempty"` // address the request came from
	System bool   `json:"-"`                // reconcilers; not subject to authorisation
	Scope  Scope  `json:"-"`

	Granted string `json:"-"` // the grant by which a change was allowed, for the audit
}

// System is the actor of reconcilers.
func System(name string) Actor {
	return Actor{ID: "system:" + name, Name: "system:" + name, System: true, Scope: Everything}
}

// Scope limits what a query of the store can see. The zero value sees nothing.
type Scope struct {
	all      bool
	projects []string
}

// Everything sees every project and the objects that belong to none.
var Everything = Scope{all: true}

// Within sees the named projects, and the objects that belong to none.
func Within(projects ...string) Scope { return Scope{projects: projects} }

// Sees tells whether the scope includes a project; "" stands for no project.
func (s Scope) Sees(project string) bool {
	if s.all {
		return true
	}
	if project == "" {
		return s.projects != nil
	}
	for _, p := range s.projects {
		if p == project {
			return true
		}
	}
	return false
}

// seesAll tells whether the scope includes every one of the projects.
func (s Scope) seesAll(projects []string) bool {
	if s.all {
		return true
	}
	seen := make(map[string]bool, len(s.projects))
	for _, p := range s.projects {
		seen[p] = true
	}
	return !slices.ContainsFunc(projects, func(p string) bool { return !seen[p] })
}

// All tells whether the scope sees everything.
func (s Scope) All() bool { return s.all }

// Projects lists the projects the scope is limited to.
func (s Scope) Projects() []string { return s.projects }

// Narrow limits the scope to one project, if it sees it.
func (s Scope) Narrow(project string) Scope {
	if !s.Sees(project) {
		return Scope{}
	}
	return Scope{projects: []string{project}}
}

// Authorizer decides whether an actor may do verb (get, list, create, update, delete, or an action's name) on objects
// of a kind in a project ("" for kinds that belong to the installation). It returns a Problem with ReasonForbidden
// that says which role is missing.
type Authorizer interface {
	Authorize(ctx context.Context, actor Actor, verb, kind, project string) error

	// Grounds names a grant by which Authorize allows something; "" when it does not, or when it can not tell.
	Grounds(ctx context.Context, actor Actor, verb, kind, project string) string
}

// Admit authorises a change, and keeps in the actor by which grant, for the audit.
func Admit(ctx context.Context, by Authorizer, actor *Actor, verb, kind, project string) error {
	err := by.Authorize(ctx, *actor, verb, kind, project)
	if err == nil {
		actor.Granted = by.Grounds(ctx, *actor, verb, kind, project)
	}
	return err
}

type actorKey struct{}

// WithActor returns a context that carries the actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the context's actor; without one, an actor who sees nothing.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
