package tenancy

import (
	"context"
	_ "embed"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/plazacloud/plaza/pkg/resource"
)

//go:embed policy.cedar
var policyText []byte

var policies = sync.OnceValue(func() *cedar.PolicySet {
	list, err := cedar.NewPolicyListFromBytes("policy.cedar", policyText)
	if err != nil {
		panic(err) // part of the program, and tested
	}
	set := cedar.NewPolicySet()
	for _, p := range list { // by name, which explanations give as the reason
		set.Add(cedar.PolicyID(p.Annotations()["id"]), p)
	}
	return set
})

// classes are the kinds that are not plain objects of a project or of the catalogue.
var classes = map[string]string{
	"host": "infrastructure", "hostaggregate": "infrastructure", "site": "infrastructure", "placementpolicy": "infrastructure", "pool": "infrastructure",
	"asset": "infrastructure", "region": "infrastructure", "cluster": "infrastructure", "storagepool": "infrastructure", "drift": "infrastructure",
	"agent": "infrastructure", "enrolment": "infrastructure", "provider": "infrastructure", "baremetal-node": "infrastructure",
	"runbook": "infrastructure", "run": "infrastructure",
	"node": "tenancy", "quota": "tenancy", "audit": "tenancy",
	"user": "identity", "token": "identity", "session": "identity", "binding": "identity", "role": "identity", "identityprovider": "identity",
}

func classOf(kind string, global bool) string {
	if c, ok := classes[kind]; ok {
		return c
	}
	if global {
		return "catalogue"
	}
	return "project"
}

var (
	readVerbs  = []string{"get", "list", "watch"}
	writeVerbs = []string{"create", "update", "delete"}
	// operateVerbs act on what a tenant has, but say where it is, which is for those who run the installation.
	operateVerbs = []string{"migrate"}
)

func actionEntity(verb string) cedar.Entity {
	group := "act"
	switch {
	case slices.Contains(operateVerbs, verb):
		group = "operate"
	case slices.Contains(readVerbs, verb):
		group = "read"
	case slices.Contains(writeVerbs, verb):
		group = "write"
	}
	return cedar.Entity{UID: cedar.NewEntityUID("Action", cedar.String(verb)),
		Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Action", cedar.String(group)))}
}

// Authorize implements resource.Authorizer. project is the id of a project, of another node for the kinds node,
// binding and quota, or "" for what belongs to the whole installation and for reading across projects. It answers
// Unauthenticated to an actor without identity, NotFound about a project that is absent or foreign, in the same words,
// and Forbidden, with the role that is missing, about one the actor sees.
func (s *Service) Authorize(ctx context.Context, actor resource.Actor, verb, kind, project string) error {
	if actor.System {
		return nil
	}
	if actor.ID == "" {
		return unauthenticated()
	}
	a, err := s.accessOf(ctx, actor.ID)
	if err != nil {
		return err
	}
	l, err := s.lineageOf(ctx, project)
	if err != nil {
		return err
	}
	if project != "" && !a.sees(l) {
		return noProject(project)
	}
	if project != "" && l.node.Type != Project && classOf(kind, false) == "project" {
		return noProject(project)
	}
	q := question{lineage: l, verb: verb, kind: kind, global: project == ""}
	if q.allows(a) {
		return nil
	}
	return q.refusal(actor)
}

// Grounds implements resource.Authorizer.
func (s *Service) Grounds(ctx context.Context, actor resource.Actor, verb, kind, project string) string {
	a, err := s.accessOf(ctx, actor.ID)
	if err != nil || actor.System {
		return ""
	}
	l, err := s.lineageOf(ctx, project)
	if err != nil {
		return ""
	}
	q := question{lineage: l, verb: verb, kind: kind, global: project == ""}
	for _, g := range a.grants {
		if q.allows(alone(g)) {
			return g.String()
		}
	}
	return ""
}

// authorizeNode is resource.Admit for a node the caller was asked for by name or id; a foreign one is absent.
func (s *Service) authorizeNode(ctx context.Context, actor *resource.Actor, verb, kind string, n Node, asked string) error {
	id := n.ID
	if n.ParentID == "" && kind != "node" && kind != "binding" {
		id = ""
	}
	err := resource.Admit(ctx, s, actor, verb, kind, id)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return noNode(asked)
	}
	return err
}

// question is one request for a decision.
type question struct {
	lineage    *lineage
	verb, kind string
	global     bool
}

// alone is somebody who holds one grant and nothing else.
func alone(g Grant) *access { return newAccess("", []Grant{g}, resource.Scope{}) }

func (q question) allows(a *access) bool {
	decision, _ := q.ask(a)
	return decision == cedar.Allow
}

func (q question) ask(a *access) (cedar.Decision, cedar.Diagnostic) {
	object := cedar.Entity{
		UID:     cedar.NewEntityUID("Object", cedar.String(q.kind)),
		Parents: q.lineage.ancestors,
		Attributes: cedar.NewRecord(cedar.RecordMap{
			"kind":      cedar.String(q.kind),
			"class":     cedar.String(classOf(q.kind, q.global)),
			"global":    cedar.Boolean(q.global),
			"suspended": cedar.Boolean(q.lineage.suspended),
			"root":      q.lineage.root,
		}),
	}
	w := world{a.principal, actionEntity(q.verb), object}
	return cedar.Authorize(a.policies, w, cedar.Request{Principal: w[0].UID, Action: w[1].UID, Resource: w[2].UID})
}

func (q question) where() string {
	if q.global {
		return "the installation"
	}
	return q.lineage.node.display()
}

// refusal says which role, on which node, would allow what was refused.
func (q question) refusal(actor resource.Actor) error {
	where := q.where()
	if q.lineage.deleting {
		return resource.Problemf(resource.ReasonForbidden, q.kind, "choose another place", "%s may not %s %s in %s: it is being deleted", actor.Name, q.verb, q.kind, where)
	}
	if q.lineage.suspended {
		return resource.Problemf(resource.ReasonForbidden, q.kind, "ask an administrator of the root to resume it",
			"%s may not %s %s in %s: it is suspended", actor.Name, q.verb, q.kind, where)
	}
	return resource.Problemf(resource.ReasonForbidden, q.kind, q.remedy(), "%s may not %s %s in %s", actor.Name, q.verb, q.kind, where)
}

// remedy names the narrowest role that would allow it.
func (q question) remedy() string {
	for _, role := range Roles {
		g := Grant{Role: role, NodeID: q.lineage.node.ID}
		if role.bindable() && q.allows(alone(g)) {
			return "the role " + string(role) + " on " + q.lineage.node.display() + orAbove(q.lineage.node) + " allows it"
		}
	}
	return "no role allows it"
}

func orAbove(n Node) string {
	if n.ParentID == "" {
		return ""
	}
	return " or a node above it"
}

// world holds the three entities of a question.
type world [3]cedar.Entity

var _ types.EntityGetter = world{}

func (w world) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	for _, e := range w {
		if e.UID == uid {
			return e, true
		}
	}
	return cedar.Entity{}, false
}

func unauthenticated() error {
	return resource.Problemf(resource.ReasonUnauthenticated, "", "sign in with: plaza login", "the request carries no valid session or token")
}
