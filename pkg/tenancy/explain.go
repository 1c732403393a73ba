package tenancy

import (
	"context"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Question asks whether a user may do something.
type Question struct {
	User string // id or name
	Verb string
	Kind KindVerbs
	Node string // id or full name of a project or of a node; "" for the installation as a whole
}

// Explanation answers a Question.
type Explanation struct {
	User    string      `json:"user"`
	Verb    string      `json:"verb"`
	Kind    string      `json:"kind"`
	Node    string      `json:"node" doc:"Full name; empty for the installation as a whole"`
	Allowed bool        `json:"allowed"`
	Because []Reasoning `json:"because" nullable:"false" doc:"The grants that allow it, each of which is enough"`
	Grants  []Grant     `json:"grants" nullable:"false" doc:"All grants that reach the node"`
	Denied  string      `json:"denied,omitempty" doc:"What forbids it, or what is missing"`
	Hint    string      `json:"hint,omitempty" doc:"What would allow it"`
}

// Reasoning is a grant with the rules by which it allows something.
type Reasoning struct {
	Grant
	Rules []string `json:"rules" nullable:"false" doc:"By their names in the policy"`
}

// Explain tells which of a user's grants allow something, or what is missing. One may ask about oneself, and about
// others where one may read bindings.
func (s *Service) Explain(ctx context.Context, actor resource.Actor, q Question) (Explanation, error) {
	n, err := s.explained(ctx, actor, q)
	if err != nil {
		return Explanation{}, err
	}
	user, err := s.User(ctx, q.User)
	if err != nil {
		return Explanation{}, err
	}
	a, err := s.accessOf(ctx, user.ID)
	if err != nil {
		return Explanation{}, err
	}
	l, err := s.lineageOf(ctx, n.ID)
	if err != nil {
		return Explanation{}, err
	}
	ask := question{lineage: l, verb: q.Verb, kind: q.Kind.Kind, global: n.ID == ""}
	out := Explanation{User: user.Name, Verb: q.Verb, Kind: q.Kind.Kind, Node: n.FullName, Because: []Reasoning{}, Grants: []Grant{}}
	for _, g := range a.grants {
		if !ask.global && !strings.HasPrefix(l.node.Path, g.path) {
			continue
		}
		out.Grants = append(out.Grants, g)
		if rules, ok := ask.decide(alone(g)); ok {
			out.Because = append(out.Because, Reasoning{g, rules})
		}
	}
	if out.Allowed = len(out.Because) > 0; !out.Allowed {
		out.Denied, out.Hint = ask.missing(user, len(out.Grants) > 0)
	}
	return out, nil
}

// explained checks that the actor may ask, and finds the node that the question is about.
func (s *Service) explained(ctx context.Context, actor resource.Actor, q Question) (Node, error) {
	if !slices.Contains(q.Kind.Verbs, q.Verb) {
		return Node{}, resource.Problemf(resource.ReasonInvalid, q.Kind.Kind, "they are: "+strings.Join(q.Kind.Verbs, ", "), "a %s has no verb %q", q.Kind.Kind, q.Verb)
	}
	var n Node
	var err error
	if q.Node != "" {
		if n, err = s.VisibleNode(ctx, actor, q.Node); err != nil {
			return Node{}, err
		}
		if q.Kind.Global {
			return Node{}, resource.Problemf(resource.ReasonInvalid, q.Kind.Kind, "ask without a node", "a %s belongs to the installation, not to %s", q.Kind.Kind, n.display())
		}
		if n.Type != Project && classOf(q.Kind.Kind, false) == "project" {
			return Node{}, resource.Problemf(resource.ReasonInvalid, q.Kind.Kind, "ask for a project below it", "a %s lives in a project, and %s is a %s", q.Kind.Kind, n.display(), n.Type)
		}
	}
	if q.User == actor.ID || q.User == actor.Name {
		return n, nil
	}
	return n, s.Authorize(ctx, actor, "list", "binding", n.ID)
}

// decide tells whether somebody may, and by which rules of policy.cedar or of a custom role.
func (q question) decide(a *access) ([]string, bool) {
	decision, why := q.ask(a)
	rules := []string{}
	for _, r := range why.Reasons {
		rules = append(rules, string(r.PolicyID))
	}
	slices.Sort(rules)
	return rules, decision == cedar.Allow
}

// missing says what forbids, or what is not there.
func (q question) missing(u User, reached bool) (denied, hint string) {
	where := q.where()
	switch {
	case u.Disabled:
		return u.Name + " is disabled", "enable the account"
	case q.lineage.deleting && !q.global:
		return where + " is being deleted", "choose another place"
	case q.lineage.suspended && !q.global:
		return where + " is suspended", "an administrator of the root can resume it"
	case !reached:
		return u.Name + " has no role on " + where + orAbove(q.lineage.node), q.remedy()
	}
	return "no role that " + u.Name + " has on " + where + orAbove(q.lineage.node) + " allows it", q.remedy()
}
