package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/resource"
)

// rawOutput is an answer whose JSON is ready.
type rawOutput struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag" hidden:"true"`
	Location    string `header:"Location" hidden:"true"`
	Body        []byte
}

type pageInput struct {
	Project string   `query:"project" doc:"Project id or full name; all that you see without it"`
	Limit   int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	After   string   `query:"after" doc:"next of the page before"`
	Name    string   `query:"name"`
	Phase   string   `query:"phase" enum:"Pending,Working,Ready,Degraded,Failed,Deleting"`
	Owner   string   `query:"owner" doc:"Id of the owning object"`
	Label   []string `query:"label,explode" nullable:"false" doc:"key=value; repeated, all must match"`
	Field   []string `query:"field,explode" nullable:"false" doc:"path=value with a path from the kind's indexed ones; repeated, all must match"`
	Filter  []string `query:"filter,explode" nullable:"false" doc:"FIELD OPERATOR VALUE with a field of the kind's, such as 'status.vcpus>=4', 'phase in Failed,Degraded', 'name prefix web-' or 'labels.tier!=gold'; operators are =, !=, <, <=, >, >=, in, prefix; repeated, all must match"`
	Search  string   `query:"search" doc:"Words that all stand somewhere in the name or in the value of a label, whatever their case"`
	Sort    string   `query:"sort" enum:"name,-name,phase,-phase,createdAt,-createdAt,updatedAt,-updatedAt" doc:"With - from the top down; without it the order is the one that is quickest, which without filters is that of creation"`
	Fields  []string `query:"fields" nullable:"false" doc:"Paths such as name,status.address: the answer is a Selection with nothing else in its items but id and name"`
	Count   string   `query:"count" enum:"exact,estimated" doc:"Also tells how many there are on all pages; too many to be counted are estimated, and so said to be"`
}

// selected is the form of a page whose objects are cut to what was asked for.
const selected = "application/vnd.plaza.selection+json"

const nextDoc = "Pass it as after for the next page, however few objects are on this one; absent at the end"

var totalType = reflect.TypeFor[resource.Total]()

// selectionSchema is that of a page of any kind whose objects are cut.
func selectionSchema(reg huma.Registry) *huma.Schema {
	object := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Required: []string{"id", "name"}, Description: "What was asked for of an object",
		Properties: map[string]*huma.Schema{"id": {Type: huma.TypeString, Format: "uuid"}, "name": {Type: huma.TypeString}}}
	return record("One page of objects with nothing in them but what was asked for", map[string]*huma.Schema{
		"items": {Type: huma.TypeArray, Items: object},
		"next":  {Type: huma.TypeString, Description: nextDoc},
		"count": reg.Schema(totalType, true, "")}, "items")
}

func (k *kind) pages(op huma.Operation) {
	answers(&op, k.title+"List", map[string]string{"200": "One page; with fields a Selection"})
	op.Responses["200"].Content[selected] = &huma.MediaType{Schema: ref("Selection")}
	huma.Register(k.server.api, op, func(ctx context.Context, in *pageInput) (*rawOutput, error) {
		q, err := k.query(ctx, in)
		if err != nil {
			return nil, err
		}
		if err := k.server.authorize(ctx, "list", k.Name, q.Project); err != nil {
			return nil, err
		}
		return k.page(ctx, in, q)
	})
}

// page answers a query.
func (k *kind) page(ctx context.Context, in *pageInput, q resource.Query) (*rawOutput, error) {
	out := &rawOutput{Status: http.StatusOK, ContentType: "application/json"}
	var cut resource.Selection
	var err error
	if len(in.Fields) > 0 {
		out.ContentType = selected
		if cut, err = k.Select(in.Fields); err != nil {
			return nil, err
		}
	}
	view := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope)
	page, err := view.List(ctx, q)
	if err != nil {
		return nil, err
	}
	tallied := make([]*resource.Raw, len(page.Items))
	for i := range page.Items {
		tallied[i] = &page.Items[i]
	}
	if err := view.Tally(ctx, k.Name, tallied...); err != nil {
		return nil, err
	}
	var total *resource.Total
	switch {
	case in.Count == "":
	case q.After == "" && page.Next == "": // it is all of them
		total = &resource.Total{Objects: int64(len(page.Items)), By: "exact"}
	default:
		n, err := view.Total(ctx, q, in.Count == "estimated")
		if err != nil {
			return nil, err
		}
		total = &n
	}
	out.Body, err = encodePage(page, cut, total)
	return out, err
}

func (k *kind) query(ctx context.Context, in *pageInput) (resource.Query, error) {
	q := resource.Query{Kind: k.Name, Filters: in.Filter, Search: in.Search, Sort: in.Sort, After: in.After, Limit: in.Limit}
	var err error
	if q.Project, err = k.server.project(ctx, in.Project); err != nil {
		return q, err
	}
	if q.Labels, err = pairs(k.Name, "label", in.Label); err != nil {
		return q, err
	}
	if q.Fields, err = pairs(k.Name, "field", in.Field); err != nil {
		return q, err
	}
	for path, value := range map[string]string{"name": in.Name, "phase": in.Phase, "owner": in.Owner} {
		if value != "" {
			q.Fields[path] = value
		}
	}
	return q, nil
}

// pairs reads key=value parameters.
func pairs(kind, name string, list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range list {
		key, value, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return nil, resource.Invalid(kind, "query."+name, p, "has the form key=value")
		}
		out[key] = value
	}
	return out, nil
}

// project turns a project's full name into its id; ids are checked by whoever uses them.
func (s *Server) project(ctx context.Context, idOrName string) (string, error) {
	if id, err := uuid.Parse(idOrName); err == nil || idOrName == "" {
		if err == nil {
			idOrName = id.String()
		}
		return idOrName, nil
	}
	n, err := s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), idOrName)
	if err != nil {
		return "", err
	}
	if n.Type != "project" {
		return "", resource.Invalid("project", "project", idOrName, "is a %s, not a project", n.Type)
	}
	return n.ID, nil
}

func (s *Server) authorize(ctx context.Context, verb, kind, project string) error {
	return s.cfg.Tenancy.Authorize(ctx, resource.ActorFrom(ctx), verb, kind, project)
}

// ObjectInput names an object. huma reads parameters from embedded structs only when they are exported.
type ObjectInput struct {
	ID      string `path:"id" doc:"Id, or name"`
	Project string `query:"project" doc:"Project id or full name, to find the object by name"`
}

type readInput struct {
	ObjectInput
	IfNoneMatch string `header:"If-None-Match" doc:"ETag; 304 when it is still the same"`
}

func (k *kind) reads(op huma.Operation) {
	answers(&op, k.title+"Object", map[string]string{"200": "The " + k.Name})
	tells(&op, "200", "ETag")
	op.Responses["304"] = &huma.Response{Description: "It has not changed"}
	huma.Register(k.server.api, op, func(ctx context.Context, in *readInput) (*rawOutput, error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		out := &rawOutput{Status: http.StatusOK, ContentType: "application/json", ETag: etag(o)}
		// What subscribers acknowledged is in the answer, but moves no version.
		if k.Versions == 0 && in.IfNoneMatch != "" && strings.Contains(in.IfNoneMatch, out.ETag) {
			out.Status = http.StatusNotModified
			return out, nil
		}
		if err := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope).Tally(ctx, k.Name, &o); err != nil {
			return nil, err
		}
		out.Body, err = encodeObject(nil, o)
		return out, err
	})
}

// find reads an object that the actor may do verb to, by id or by name.
func (k *kind) find(ctx context.Context, verb string, in ObjectInput) (resource.Raw, error) {
	project, err := k.server.project(ctx, in.Project)
	if err != nil {
		return resource.Raw{}, err
	}
	view := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope)
	o, err := view.Get(ctx, k.Name, project, in.ID)
	if resource.ReasonOf(err) == resource.ReasonNotFound && project == "" && k.Scoping == resource.Projected && uuid.Validate(in.ID) != nil {
		o, err = k.only(ctx, view, in.ID, err)
	}
	if err != nil {
		return o, err
	}
	return o, k.may(ctx, verb, in.ID, o)
}

// may authorises a verb on an object. What is lent is read like what is everybody's.
func (k *kind) may(ctx context.Context, verb, asked string, o resource.Raw) error {
	if !k.Borrowed(resource.ActorFrom(ctx), o) {
		return k.server.authorize(ctx, verb, k.Name, o.Project)
	}
	if verb != "get" && asked == o.Name { // one of the project's own by that name is meant, and there is none
		return k.Absent(asked)
	}
	if verb != "get" {
		return resource.Problemf(resource.ReasonForbidden, k.Name, "ask those whom it belongs to", "%s %s is lent to you: it can be used, and not changed", k.Name, o.Name)
	}
	return k.server.authorize(ctx, verb, k.Name, "")
}

// only finds an object by name alone, when there is just one by that name in all that the actor sees.
func (k *kind) only(ctx context.Context, view resource.View, name string, absent error) (resource.Raw, error) {
	page, err := view.List(ctx, resource.Query{Kind: k.Name, Fields: map[string]string{"name": name}, Limit: 10})
	switch {
	case err != nil:
		return resource.Raw{}, err
	case len(page.Items) == 0:
		return resource.Raw{}, absent
	case len(page.Items) == 1:
		return page.Items[0], nil
	}
	p := resource.Problemf(resource.ReasonConflict, k.Name, "say which by project, or use the id", "several projects have a %s named %s", k.Name, name)
	for _, o := range page.Items {
		p.Candidates = append(p.Candidates, resource.Candidate{Name: o.ID, Reason: "SameName", Detail: "in project " + o.Project})
	}
	return resource.Raw{}, p
}

func etag(o resource.Raw) string { return `"` + strconv.FormatInt(o.Version, 10) + `"` }

// encodeObject appends o; spec and status are copied as they are stored.
func encodeObject(to []byte, o resource.Raw) ([]byte, error) {
	meta, err := json.Marshal(o.Meta)
	if err != nil {
		return to, err
	}
	to = append(to, meta[:len(meta)-1]...)
	to = append(append(to, `,"spec":`...), orEmpty(o.Spec)...)
	to = append(append(to, `,"status":`...), orEmpty(o.Status)...)
	return append(to, '}'), nil
}

func orEmpty(j json.RawMessage) []byte {
	if len(bytes.TrimSpace(j)) == 0 {
		return []byte("{}")
	}
	return j
}

// encodePage writes a page, its objects cut when that is asked for, and how many there are on all when that is.
func encodePage(p resource.Page, cut resource.Selection, total *resource.Total) ([]byte, error) {
	body := make([]byte, 0, 64+1536*len(p.Items))
	body = append(body, `{"items":[`...)
	var whole []byte
	for i, o := range p.Items {
		if i > 0 {
			body = append(body, ',')
		}
		var err error
		if cut == nil {
			body, err = encodeObject(body, o)
		} else if whole, err = encodeObject(whole[:0], o); err == nil {
			body = cut.Cut(body, whole)
		}
		if err != nil {
			return nil, err
		}
	}
	body = append(body, ']')
	if p.Next != "" {
		body = append(append(append(body, `,"next":"`...), p.Next...), '"')
	}
	if total != nil {
		text, err := json.Marshal(total)
		if err != nil {
			return nil, err
		}
		body = append(append(body, `,"count":`...), text...)
	}
	return append(body, '}'), nil
}
