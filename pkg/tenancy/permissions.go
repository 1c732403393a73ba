package tenancy

import (
	"context"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Permissions is what an actor may do.
type Permissions struct {
	Grants []GrantPermissions `json:"grants" doc:"By role held; what is allowed in a project is the union over the grants above it"`
	Global []KindPermissions  `json:"global" doc:"What is allowed on kinds that belong to no project, and across projects"`
}

// GrantPermissions is what one role on one node allows in the projects at and below the node.
type GrantPermissions struct {
	Grant
	Kinds []KindPermissions `json:"kinds"`
}

// KindPermissions are the verbs allowed on a kind; kinds without any are left out.
type KindPermissions struct {
	Kind  string   `json:"kind"`
	Verbs []string `json:"verbs"`
}

// KindVerbs names the verbs of a kind.
type KindVerbs struct {
	Kind   string
	Global bool // belongs to no project
	Verbs  []string
}

// VerbsOf returns the verbs of registered kinds, followed by those of the tenancy's own.
func VerbsOf(kinds ...*resource.Definition) []KindVerbs {
	crud := append(append([]string{}, readVerbs...), writeVerbs...)
	var out []KindVerbs
	for _, k := range kinds {
		kv := KindVerbs{Kind: k.Name, Global: k.Scoping == resource.Global, Verbs: append([]string{}, crud...)}
		for _, a := range k.Actions {
			kv.Verbs = append(kv.Verbs, a.Name)
		}
		kv.Verbs = append(kv.Verbs, k.Verbs...)
		if k.Versions > 0 {
			kv.Verbs = append(kv.Verbs, "ack")
		}
		out = append(out, kv)
	}
	for _, kind := range []string{"node", "binding", "role", "quota", "audit"} {
		out = append(out, KindVerbs{Kind: kind, Verbs: crud})
	}
	for _, kind := range []string{"user", "token", "session", "identityprovider"} {
		out = append(out, KindVerbs{Kind: kind, Global: true, Verbs: crud})
	}
	return out
}

// Permissions tells what the actor may do with the kinds: by grant within projects, and outside of projects.
func (s *Service) Permissions(ctx context.Context, actor resource.Actor, kinds []KindVerbs) (Permissions, error) {
	out := Permissions{Grants: []GrantPermissions{}, Global: []KindPermissions{}}
	a, err := s.accessOf(ctx, actor.ID)
	if err != nil {
		return out, err
	}
	root, err := s.lineageOf(ctx, "")
	if err != nil {
		return out, err
	}
	for _, g := range a.grants {
		l, err := s.lineageOf(ctx, g.NodeID)
		if err != nil {
			return out, err
		}
		out.Grants = append(out.Grants, GrantPermissions{Grant: g, Kinds: alone(g).permissions(l, kinds, false)})
	}
	out.Global = a.permissions(root, kinds, true)
	return out, nil
}

func (a *access) permissions(l *lineage, kinds []KindVerbs, global bool) []KindPermissions {
	out := []KindPermissions{}
	for _, k := range kinds {
		if k.Global && !global {
			continue
		}
		p := KindPermissions{Kind: k.Kind}
		for _, v := range k.Verbs {
			if (question{lineage: l, verb: v, kind: k.Kind, global: global}).allows(a) {
				p.Verbs = append(p.Verbs, v)
			}
		}
		if len(p.Verbs) > 0 {
			out = append(out, p)
		}
	}
	return out
}
