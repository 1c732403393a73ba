package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// meant is what a call of the API is about.
type meant struct {
	*kind
	id     string // or name; empty on create
	verb   string // create, update, delete, or an action
	schema string // of its body; empty when it takes none
}

// Perform makes a call of the API that arrives otherwise than by HTTP, such as one that had to be approved first. base says
// in which project, in whose name and by whose word, whether it is only tried, and by ID which object is meant, whatever
// the path names; verb is what the call does. What changes no object of a project, and a body that the call would not
// take, is Invalid.
func (s *Server) Perform(ctx context.Context, base resource.Request, method, path string, body json.RawMessage) (verb string, a resource.Applied, err error) {
	m, err := s.meaning(method, path)
	if err != nil {
		return "", a, err
	}
	if err := m.fits(body); err != nil {
		return m.verb, a, err
	}
	base.Kind = m.Name
	if m.verb == "create" {
		a, err = m.create(ctx, base, body)
		return m.verb, a, err
	}
	a, err = again(0, func() (resource.Applied, error) {
		o, err := s.cfg.Store.View(base.Actor.Scope).Get(ctx, m.Name, base.Project, cmp.Or(base.ID, m.id))
		if err != nil {
			return resource.Applied{}, err
		}
		return m.do(ctx, base, method, o, body)
	})
	return m.verb, a, err
}

// meaning finds what method and path stand for among the calls that change objects of projects.
func (s *Server) meaning(method, path string) (meant, error) {
	none := resource.Invalid("request", "spec.path", path, "%s there changes no object of a project", method)
	none.Hint = "for example POST /v1/servers"
	rest, ok := strings.CutPrefix(path, "/v1/")
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		text, err := url.PathUnescape(p)
		ok = ok && err == nil && text != ""
		parts[i] = text
	}
	kinds := s.registry.Kinds()
	i := slices.IndexFunc(kinds, func(d *resource.Definition) bool { return d.Plural == parts[0] && d.Scoping == resource.Projected })
	if !ok || i < 0 {
		return meant{}, none
	}
	def := kinds[i]
	m := meant{kind: &kind{Definition: def, server: s, title: pascal(def.Name), spec: ref(pascal(def.Name) + "Spec")}}
	if len(parts) > 1 {
		m.id = parts[1]
	}
	switch {
	case len(parts) == 1 && method == http.MethodPost:
		m.verb, m.schema = "create", m.title+"Create"
	case len(parts) == 2 && method == http.MethodPut:
		m.verb, m.schema = "update", m.title+"Update"
	case len(parts) == 2 && method == http.MethodPatch:
		m.verb, m.schema = "update", m.title+"Patch"
	case len(parts) == 2 && method == http.MethodDelete:
		m.verb = "delete"
	case len(parts) == 3 && method == http.MethodPost:
		i := slices.IndexFunc(def.Actions, func(a resource.ActionDefinition) bool { return a.Name == parts[2] })
		if i < 0 {
			return meant{}, none
		}
		m.verb = parts[2]
		if def.Actions[i].Input != nil {
			m.schema = m.title + pascal(m.verb) + "Input"
		}
	default:
		return meant{}, none
	}
	return m, nil
}

// fits checks a body as the call itself would.
func (m meant) fits(body json.RawMessage) error {
	if m.schema == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal(orEmpty(body), &v); err != nil {
		return resource.Invalid("request", "spec.body", nil, "is not JSON: %v", err)
	}
	res := &huma.ValidateResult{}
	path := huma.NewPathBuffer(nil, 0)
	path.Push("spec")
	path.Push("body")
	huma.Validate(m.server.api.OpenAPI().Components.Schemas, ref(m.schema), path, huma.ModeWriteToServer, v, res)
	if len(res.Errors) == 0 {
		return nil
	}
	p := &resource.Problem{Reason: resource.ReasonInvalid, Kind: m.Name, Detail: "the call is not valid"}
	for _, err := range res.Errors {
		if d, ok := err.(huma.ErrorDetailer); ok {
			p.Fields = append(p.Fields, fieldOf(d.ErrorDetail()))
		}
	}
	return p
}

// create expects the body to name the project that the call is made in.
func (m meant) create(ctx context.Context, base resource.Request, body json.RawMessage) (resource.Applied, error) {
	var in struct {
		Project, Name string
		Labels        map[string]string
		Spec          json.RawMessage
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return resource.Applied{}, err
	}
	project, err := m.server.project(resource.WithActor(ctx, base.Actor), in.Project)
	if err != nil {
		return resource.Applied{}, err
	}
	if project != base.Project {
		return resource.Applied{}, resource.Invalid("request", "spec.body.project", in.Project, "is not the request's project")
	}
	base.Name, base.Labels, base.Spec, base.Mode = in.Name, in.Labels, in.Spec, resource.CreateOnly
	return m.server.cfg.Store.Apply(ctx, base)
}

// do changes an object that is there.
func (m meant) do(ctx context.Context, base resource.Request, method string, o resource.Raw, body json.RawMessage) (resource.Applied, error) {
	base.ID = o.ID
	switch method {
	case http.MethodDelete:
		return m.server.cfg.Store.Delete(ctx, base)
	case http.MethodPost:
		return m.server.cfg.Store.Act(ctx, base, m.verb, body)
	}
	base.Mode, base.Version = resource.UpdateOnly, o.Version
	var err error
	if method == http.MethodPatch {
		var patch struct{ Labels, Spec json.RawMessage }
		if err := json.Unmarshal(body, &patch); err != nil {
			return resource.Applied{}, err
		}
		base.Labels, base.Spec, err = m.merge(o, patch.Labels, patch.Spec)
	} else {
		var wanted struct {
			Labels map[string]string
			Spec   json.RawMessage
		}
		err = json.Unmarshal(body, &wanted)
		base.Labels, base.Spec = wanted.Labels, wanted.Spec
	}
	if err != nil {
		return resource.Applied{}, err
	}
	return m.server.cfg.Store.Apply(ctx, base)
}
