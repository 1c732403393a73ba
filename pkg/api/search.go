package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/resource"
)

// searchTime is how long a search looks at rows, over all kinds; what indexes answer comes before that.
const searchTime = 700 * time.Millisecond

// Hit is an object that a search found.
type Hit struct {
	Kind    string         `json:"kind"`
	ID      string         `json:"id" format:"uuid"`
	Name    string         `json:"name"`
	Project string         `json:"project,omitempty" doc:"Id; absent for what belongs to no project"`
	Phase   resource.Phase `json:"phase,omitempty"`
}

// HitList is what a search found: the very name first, then names that begin with the text, then the rest.
type HitList struct {
	Items []Hit    `json:"items" nullable:"false"`
	More  []string `json:"more" nullable:"false" doc:"Kinds of which there is more than is here, or may be: their lists, with search, have it all"`
}

type searchInput struct {
	Text  string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"An id, the beginning of a name, or words that all stand in the name or in the value of a label"`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"5" doc:"At most so many of each kind"`
}

func (s *Server) searchRoutes() {
	s.tag("search", "Finding objects of any kind.")
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/search", OperationID: "search", Summary: "Find objects of any kind that one may read", Tags: []string{"search"}},
		func(ctx context.Context, in *searchInput) (*Body[HitList], error) {
			text := strings.ToLower(strings.TrimSpace(in.Text))
			if text == "" {
				return nil, resource.Invalid("search", "query.q", in.Text, "is empty")
			}
			f := &finding{server: s, view: s.cfg.Store.View(resource.ActorFrom(ctx).Scope), may: s.readable(ctx), limit: in.Limit, of: map[string]int{}}
			return body(f.find(ctx, text))
		})
}

// mostIDs bounds how many objects are named at once.
const mostIDs = 200

type namesInput struct {
	IDs []string `query:"id" required:"true" minItems:"1" maxItems:"200" doc:"Ids, with commas between them"`
}

// nameRoutes tells what is behind ids, as what refers to another object holds its id.
func (s *Server) nameRoutes() {
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/search/ids", OperationID: "searchIds", Summary: "Find objects of any kind by their ids", Tags: []string{"search"},
		Description: "What there is not, and what one may not read, is left out."},
		func(ctx context.Context, in *namesInput) (*Body[HitList], error) {
			found, err := s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Known(ctx, in.IDs[:min(len(in.IDs), mostIDs)])
			if err != nil {
				return nil, err
			}
			out, may := HitList{Items: []Hit{}, More: []string{}}, s.readable(ctx)
			for _, o := range found {
				if may(o.Kind, o.Project) {
					out.Items = append(out.Items, Hit{Kind: o.Kind, ID: o.ID, Name: o.Name, Project: o.Project, Phase: o.Phase})
				}
			}
			return body(out, nil)
		})
}

// finding is a search under way.
type finding struct {
	server *Server
	view   resource.View
	may    func(kind, project string) bool
	limit  int
	of     map[string]int // how many by kind
	out    HitList
}

func (f *finding) find(ctx context.Context, text string) (HitList, error) {
	f.out = HitList{Items: []Hit{}, More: []string{}}
	var kinds []string
	for _, def := range f.server.registry.Kinds() {
		err := f.server.authorize(ctx, "list", def.Name, "")
		if err != nil && resource.ReasonOf(err) != resource.ReasonForbidden {
			return f.out, err
		}
		if err == nil {
			kinds = append(kinds, def.Name)
		}
	}
	if uuid.Validate(text) == nil {
		return f.out, f.byID(ctx, kinds, text)
	}
	err := f.byName(ctx, kinds, text)
	if err == nil {
		err = f.within(ctx, kinds, text)
	}
	return f.out, err
}

func (f *finding) byID(ctx context.Context, kinds []string, id string) error {
	for _, kind := range kinds {
		o, err := f.view.Get(ctx, kind, "", id)
		if err == nil {
			f.add(o)
			return nil
		}
		if resource.ReasonOf(err) != resource.ReasonNotFound {
			return err
		}
	}
	return nil
}

// byName goes by the index of names.
func (f *finding) byName(ctx context.Context, kinds []string, text string) error {
	for _, kind := range kinds {
		if err := f.list(ctx, resource.Query{Kind: kind, Filters: []string{"name prefix " + text}}); err != nil {
			return err
		}
	}
	slices.SortStableFunc(f.out.Items, func(a, b Hit) int { return rank(a, text) - rank(b, text) })
	return nil
}

func rank(h Hit, text string) int {
	if h.Name == text {
		return 0
	}
	return 1
}

// within looks at rows, as long as there is time; kinds that are not looked through are named.
func (f *finding) within(ctx context.Context, kinds []string, text string) error {
	until := time.Now().Add(searchTime)
	for _, kind := range kinds {
		switch {
		case slices.Contains(f.out.More, kind):
		case time.Now().After(until):
			f.more(kind)
		default:
			if err := f.list(ctx, resource.Query{Kind: kind, Search: text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// list adds what a page holds, and notes a kind of which there is more.
func (f *finding) list(ctx context.Context, q resource.Query) error {
	q.Limit = f.limit + f.of[q.Kind] // those that are here already may come again
	page, err := f.view.List(ctx, q)
	if err != nil {
		return err
	}
	if page.Next != "" {
		f.more(q.Kind)
	}
	for _, o := range page.Items {
		f.add(o)
	}
	return nil
}

func (f *finding) add(o resource.Raw) {
	known := slices.ContainsFunc(f.out.Items, func(h Hit) bool { return h.ID == o.ID })
	switch {
	case known || !f.may(o.Kind, o.Project):
	case f.of[o.Kind] >= f.limit:
		f.more(o.Kind)
	default:
		f.of[o.Kind]++
		f.out.Items = append(f.out.Items, Hit{Kind: o.Kind, ID: o.ID, Name: o.Name, Project: o.Project, Phase: o.Phase})
	}
}

func (f *finding) more(kind string) {
	if !slices.Contains(f.out.More, kind) {
		f.out.More = append(f.out.More, kind)
	}
}
