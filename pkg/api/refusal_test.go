package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"context"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestBadRequestsExplainThemselves(t *testing.T) {
	r := newRig(t)
	r.newBox(t, "admin", shop, "taken", 5)
	ok := `{"project":"` + shop + `","name":"b1","spec":{"size":5}}`
	for name, c := range map[string]struct {
		method, path, body string
		reason             resource.Reason
		fields             []string
	}{
		"not JSON":            {"POST", "/v1/boxes", `{"name":`, api.ReasonMalformed, nil},
		"NUL in a text":       {"POST", "/v1/boxes", `{"project":"` + shop + `","name":"b1","labels":{"a":"\u0000"},"spec":{"size":5}}`, api.ReasonMalformed, nil},
		"NUL in a path":       {"GET", "/v1/boxes/a%00b", "", api.ReasonMalformed, nil},
		"no UTF-8":            {"GET", "/v1/boxes?project=%ff", "", api.ReasonMalformed, nil},
		"not an object":       {"POST", "/v1/boxes", `[1]`, resource.ReasonInvalid, []string{""}},
		"no body":             {"POST", "/v1/boxes", ``, api.ReasonMalformed, nil},
		"everything at once":  {"POST", "/v1/boxes", `{"project":3,"name":"B 1","x":1,"spec":{"size":"big","colour":"pink","y":2}}`, resource.ReasonInvalid, []string{"name", "project", "spec.colour", "spec.size", "spec.y", "x"}},
		"wrong case":          {"POST", "/v1/boxes", `{"project":"` + shop + `","name":"b1","spec":{"Size":5}}`, resource.ReasonInvalid, []string{"spec.Size", "spec.size"}},
		"missing":             {"POST", "/v1/boxes", `{"project":"` + shop + `"}`, resource.ReasonInvalid, []string{"name", "spec"}},
		"null spec":           {"PUT", "/v1/boxes/taken", `{"spec":null}`, resource.ReasonInvalid, []string{"spec"}},
		"admission":           {"POST", "/v1/boxes", `{"project":"` + shop + `","name":"b1","spec":{"size":13}}`, resource.ReasonInvalid, []string{"spec.size"}},
		"taken":               {"POST", "/v1/boxes", `{"project":"` + shop + `","name":"taken","spec":{"size":5}}`, resource.ReasonAlreadyExists, nil},
		"absent project":      {"POST", "/v1/boxes", `{"project":"nowhere","name":"b1","spec":{"size":5}}`, resource.ReasonNotFound, nil},
		"not a project":       {"POST", "/v1/boxes", `{"project":"freshfoods","name":"b1","spec":{"size":5}}`, resource.ReasonInvalid, []string{"project"}},
		"project on a global": {"POST", "/v1/shelves", `{"project":"` + shop + `","name":"s","spec":{"height":5}}`, resource.ReasonInvalid, []string{"project"}},
		"wait":                {"POST", "/v1/boxes?wait=forever", ok, resource.ReasonInvalid, []string{"query.wait"}},
		"wait too long":       {"POST", "/v1/boxes?wait=11m", ok, resource.ReasonInvalid, []string{"query.wait"}},
		"unknown parameter":   {"POST", "/v1/boxes?dryrun=true", ok, resource.ReasonInvalid, []string{"query.dryrun"}},
		"limit":               {"GET", "/v1/boxes?limit=5000", "", resource.ReasonInvalid, []string{"query.limit"}},
		"limit not a number":  {"GET", "/v1/boxes?limit=x", "", resource.ReasonInvalid, []string{"query.limit"}},
		"cursor":              {"GET", "/v1/boxes?after=x", "", resource.ReasonInvalid, []string{"after"}},
		"label":               {"GET", "/v1/boxes?label=x", "", resource.ReasonInvalid, []string{"query.label"}},
		"field":               {"GET", "/v1/boxes?field=spec.secret=x", "", resource.ReasonInvalid, nil},
		"phase":               {"GET", "/v1/boxes?phase=Fine", "", resource.ReasonInvalid, []string{"query.phase"}},
		"patch to invalid":    {"PATCH", "/v1/boxes/taken", `{"spec":{"size":null,"colour":"pink"}}`, resource.ReasonInvalid, []string{"spec.colour", "spec.size"}},
		"patch unknown":       {"PATCH", "/v1/boxes/taken", `{"spec":{"z":1}}`, resource.ReasonInvalid, []string{"spec.z"}},
		"patch name":          {"PATCH", "/v1/boxes/taken", `{"name":"new"}`, resource.ReasonInvalid, []string{"name"}},
		"action input":        {"POST", "/v1/boxes/taken/grow", `{"by":0,"z":1}`, resource.ReasonInvalid, []string{"by", "z"}},
		"action absent":       {"POST", "/v1/boxes/taken/fly", ``, resource.ReasonNotFound, nil},
		"object absent":       {"GET", "/v1/boxes/none", "", resource.ReasonNotFound, nil},
		"id absent":           {"GET", "/v1/boxes/01980000-0000-7000-8000-000000000000", "", resource.ReasonNotFound, nil},
		"operation absent":    {"GET", "/v1/operations/01980000-0000-7000-8000-000000000000", "", resource.ReasonNotFound, nil},
		"operation id":        {"GET", "/v1/operations/x", "", resource.ReasonInvalid, []string{"path.id"}},
		"route absent":        {"GET", "/v1/nothing", "", resource.ReasonNotFound, nil},
		"method":              {"PUT", "/v1/boxes", `{}`, api.ReasonMethodNotAllowed, nil},
		"too large":           {"POST", "/v1/boxes", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, resource.ReasonTooLarge, nil},
		"quota metric":        {"PUT", "/v1/quotas/A-B?node=" + shop, `{"hard":1}`, resource.ReasonInvalid, []string{"path.metric"}},
		"quota limit":         {"PUT", "/v1/quotas/boxes?node=" + shop, `{"hard":-2}`, resource.ReasonInvalid, []string{"hard"}},
		"quota node":          {"GET", "/v1/quotas", "", resource.ReasonInvalid, []string{"query.node"}},
		"watch kind":          {"GET", "/v1/watch?kinds=ghosts", "", resource.ReasonNotFound, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.call(t, "admin", c.method, c.path, c.body).refused(c.reason)
			var paths []string
			for _, f := range p.Fields {
				paths = append(paths, f.Path)
				require.NotEmpty(t, f.Message)
			}
			require.ElementsMatch(t, c.fields, paths)
		})
	}
	p := r.call(t, "admin", "POST", "/v1/boxes", ok, "Content-Type", "text/plain").refused(api.ReasonMediaType)
	require.NotContains(t, p.Detail, shop)
	r.call(t, "admin", "POST", "/v1/boxes", `{"project":3,"name":"B 1","x":1,"spec":{"size":"big","secret":7}}`).golden("invalid")
	require.NotContains(t, string(r.call(t, "", "POST", "/v1/login", `{"name":"x","password":"hunter2","z":1}`).body), "hunter2")
}

// TestStatusOfEachReason keeps the table whole.
func TestStatusOfEachReason(t *testing.T) {
	for reason, status := range map[resource.Reason]int{resource.ReasonInvalid: 422, resource.ReasonNotFound: 404, resource.ReasonAlreadyExists: 409,
		resource.ReasonConflict: 409, resource.ReasonStale: 412, resource.ReasonForbidden: 403, resource.ReasonUnauthenticated: 401, resource.ReasonQuotaExceeded: 403,
		resource.ReasonNoCandidate: 409, resource.ReasonInUse: 409, resource.ReasonUnavailable: 503, resource.ReasonStorageFull: 507, resource.ReasonTooLarge: 413,
		resource.ReasonInternal: 500, "unheard of": 500} {
		require.Equal(t, status, api.StatusOf(reason), reason)
	}
}

// TestFailuresKeepTheirInsides shows what strangers see of panics and unexpected errors, and what the log says.
func TestFailuresKeepTheirInsides(t *testing.T) {
	type empty struct{}
	more := func(a huma.API, _ *api.Server) {
		op := func(path string, security []map[string][]string) huma.Operation {
			return huma.Operation{Method: http.MethodGet, Path: "/v1/test" + path, OperationID: "test" + path[1:], Security: security}
		}
		huma.Register(a, op("/panic", nil), func(context.Context, *empty) (*empty, error) { panic("the inner secret") })
		huma.Register(a, op("/error", nil), func(context.Context, *empty) (*empty, error) { return nil, errBroken })
		huma.Register(a, op("/known", nil), func(context.Context, *empty) (*empty, error) {
			return nil, resource.Problemf(resource.ReasonInUse, "test", "let go", "it is held")
		})
		huma.Register(a, op("/public", []map[string][]string{}), func(context.Context, *empty) (*empty, error) { return nil, nil })
	}
	r := newRig(t, func(c *api.Config) { c.Routes = []api.Routes{more} })
	for _, path := range []string{"/panic", "/error"} {
		a := r.call(t, "admin", "GET", "/v1/test"+path, nil, "X-Request-Id", "request-0001")
		p := a.refused(resource.ReasonInternal)
		require.NotContains(t, string(a.body), "secret")
		require.NotContains(t, string(a.body), "lid")
		require.Equal(t, "urn:plaza:request:request-0001", p.Instance)
		require.Equal(t, "request-0001", a.header.Get("X-Request-Id"))
	}
	require.Contains(t, r.log.String(), "the inner secret")
	require.Contains(t, r.log.String(), "the lid is broken")
	require.Equal(t, "let go", r.call(t, "admin", "GET", "/v1/test/known", nil).refused(resource.ReasonInUse).Hint)
	r.call(t, "", "GET", "/v1/test/known", nil).refused(resource.ReasonUnauthenticated)
	r.call(t, "", "GET", "/v1/test/public", nil).is(204)
}
