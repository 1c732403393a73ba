package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
)

// public are the only documented routes that strangers may use.
var public = []string{"POST /v1/login", "GET /v1/login/providers", "POST /v1/login/ticket", "POST /v1/invitations/accept", "POST /v1/hosts/enrol", "GET /v1/version"}

type document struct {
	Paths map[string]map[string]struct {
		OperationID string `yaml:"operationId"`
	}
	Components struct{ Schemas map[string]any }
	Tags       []struct {
		Name string
		Kind *struct{ Name, Plural string } `yaml:"x-plaza-kind"`
	}
}

func (r *rig) document(t *testing.T) document {
	var d document
	require.NoError(t, yaml.Unmarshal(r.server.OpenAPI(), &d))
	return d
}

// TestEveryRouteNeedsASession walks all documented routes without and with false credentials.
func TestEveryRouteNeedsASession(t *testing.T) {
	r := newRig(t)
	r.secrets["forged"] = "pls_" + strings.Repeat("A", 43)
	walked := 0
	for path, methods := range r.document(t).Paths {
		for method := range methods {
			method = strings.ToUpper(method)
			if slices.Contains(public, method+" "+path) {
				continue
			}
			walked++
			path := strings.NewReplacer("{id}", "01980000-0000-7000-8000-000000000000", "{metric}", "boxes").Replace(path)
			for _, who := range []string{"", "forged"} {
				require.Equal(t, http.StatusUnauthorized, r.call(t, who, method, path, nil).status, "%s %s", method, path)
			}
		}
	}
	require.Greater(t, walked, 40)
}

// TestWhatEachRoleMay walks roles over an object of the project's, of a foreign one, and of the installation.
func TestWhatEachRoleMay(t *testing.T) {
	r := newRig(t)
	own := r.newBox(t, "admin", shop, "own", 5).Object
	other := r.newBox(t, "admin", teashop, "other", 5).Object
	r.call(t, "admin", "POST", "/v1/shelves", `{"name":"s1","spec":{"height":3}}`).is(201)
	routes := []struct{ method, path, body string }{
		{"GET", "/v1/boxes/%s", ""}, {"GET", "/v1/boxes/%s/operations", ""}, {"GET", "/v1/boxes/%s/history", ""},
		{"PUT", "/v1/boxes/%s?dryRun=true", `{"spec":{"size":6}}`}, {"PATCH", "/v1/boxes/%s?dryRun=true", `{"spec":{"size":6}}`},
		{"DELETE", "/v1/boxes/%s?dryRun=true", ""}, {"POST", "/v1/boxes/%s/close", ""},
		{"GET", "/v1/quotas?node=%p", ""}, {"GET", "/v1/quotas/holdings?node=%p", ""}, {"PUT", "/v1/quotas/boxes?node=%p", `{"hard":9}`},
		{"GET", "/v1/audit?project=%p", ""}, {"POST", "/v1/boxes?dryRun=true", `{"project":"%p","name":"new","spec":{"size":5}}`},
	}
	want := map[string][2]string{ // for the own and the foreign object: r may read, w may not write, . is absent
		"admin":            {"200 200 200 200 200 200 2xx 200 200 200 200 200", "200 200 200 200 200 200 2xx 200 200 200 200 200"},
		"cloud-operator":   {"200 200 200 403 403 403 2xx 200 200 403 200 403", "200 200 200 403 403 403 2xx 200 200 403 200 403"},
		"dailymart-member": {"200 200 200 200 200 200 2xx 200 200 403 200 200", "404 404 404 404 404 404 404 404 404 404 404 404"},
		"dailymart-reader": {"200 200 200 403 403 403 403 200 200 403 200 403", "404 404 404 404 404 404 404 404 404 404 404 404"},
		"tealeaf-member":   {"404 404 404 404 404 404 404 404 404 404 404 404", "200 200 200 200 200 200 2xx 200 200 403 200 200"},
	}
	for who, rows := range want {
		for i, o := range []box{own, other} {
			for j, want := range strings.Fields(rows[i]) {
				at := routes[j]
				fill := strings.NewReplacer("%s", o.ID, "%p", o.Project)
				got := r.call(t, who, at.method, fill.Replace(at.path), fill.Replace(at.body)).status
				if want == "2xx" {
					require.Less(t, got, 300, "%s %s", who, at.path)
					continue
				}
				require.Equal(t, want, fmt.Sprint(got), "%s %s %s", who, at.method, fill.Replace(at.path))
			}
		}
	}
	for who, may := range map[string][]int{"admin": {200, 409}, "cloud-operator": {200, 409}, "dailymart-member": {200, 403}, "dailymart-reader": {200, 403}} {
		require.Equal(t, may[0], r.call(t, who, "GET", "/v1/shelves", nil).status, who)
		require.Equal(t, may[1], r.call(t, who, "POST", "/v1/shelves", `{"name":"s1","spec":{"height":3}}`).status, who)
	}
	for who, users := range map[string]int{"admin": 200, "cloud-operator": 403, "dailymart-member": 403} {
		require.Equal(t, users, r.call(t, who, "GET", "/v1/users", nil).status, who)
		require.Equal(t, users, r.call(t, who, "GET", "/v1/bindings", nil).status, who)
	}
	var ops struct{ Items []struct{ Project string } }
	r.call(t, "tealeaf-member", "GET", "/v1/operations", nil).is(200).into(&ops)
	for _, o := range ops.Items {
		require.Equal(t, other.Project, o.Project)
	}
}

// TestForeignReadsLikeAbsent compares the words, too.
func TestForeignReadsLikeAbsent(t *testing.T) {
	r := newRig(t)
	id := r.newBox(t, "admin", teashop, "other", 5).Object.ID
	absent := "01980000-0000-7000-8000-000000000000"
	for _, at := range []struct{ method, path string }{{"GET", "/v1/boxes/%s"}, {"DELETE", "/v1/boxes/%s"}, {"POST", "/v1/boxes/%s/close"}} {
		a := r.call(t, "dailymart-member", at.method, fmt.Sprintf(at.path, id), nil).refused("NotFound")
		b := r.call(t, "dailymart-member", at.method, fmt.Sprintf(at.path, absent), nil).refused("NotFound")
		require.Equal(t, strings.ReplaceAll(a.Detail, id, absent), b.Detail)
		require.Equal(t, a.Hint, b.Hint)
	}
}
