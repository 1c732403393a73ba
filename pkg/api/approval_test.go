package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
)

type requested struct {
	Object    request.Object
	Operation *resource.Operation
}

func newDesk(t testing.TB) *rig {
	desk := &request.Desk{}
	r := newRig(t, func(c *api.Config) { desk.Register(c.Store.Registry()) })
	desk.Open(r.store, r.tenancy, r.server)
	return r
}

// asks files a request by HTTP.
func (r *rig) asks(t testing.TB, who, project, name, method, path string, body any) answer {
	t.Helper()
	return r.call(t, who, "POST", "/v1/requests?wait=20s", map[string]any{"project": project, "name": name,
		"spec": map[string]any{"method": method, "path": path, "body": body, "comment": "for the sale"}})
}

// TestRequestsAreDecided by HTTP, in answers that the document knows.
func TestRequestsAreDecided(t *testing.T) {
	t.Parallel()
	r := newDesk(t)
	r.newBox(t, "dailymart-member", shop, "there", 5)
	wanted := map[string]any{"project": shop, "name": "more", "spec": map[string]any{"size": 6, "secret": "hush"}}
	r.call(t, "dailymart-reader", "POST", "/v1/boxes", wanted).refused(resource.ReasonForbidden)
	asked := r.asks(t, "dailymart-reader", shop, "r1", "POST", "/v1/boxes", wanted).is(http.StatusCreated)
	require.NotContains(t, string(asked.body), "hush")
	var got requested
	asked.into(&got)
	require.Equal(t, request.Open, got.Object.Status.State)
	require.True(t, got.Object.Spec.Needs.Permission)
	require.Equal(t, "dailymart-reader", got.Object.Spec.By.Name)

	at := "/v1/requests/" + got.Object.ID
	r.call(t, "dailymart-reader", "POST", at+"/approve", map[string]any{}).refused(resource.ReasonForbidden)
	r.call(t, "tealeaf-member", "POST", at+"/approve", map[string]any{}).refused(resource.ReasonNotFound)
	r.call(t, "tealeaf-member", "GET", at, nil).refused(resource.ReasonNotFound)
	r.call(t, "cloud-operator", "POST", at+"/approve", map[string]any{}).refused(resource.ReasonForbidden)
	r.call(t, "dailymart-member", "POST", at+"/comment", map[string]any{"text": ""}).refused(resource.ReasonInvalid)
	r.call(t, "dailymart-member", "POST", at+"/comment", map[string]any{"text": "why six?"}).is(http.StatusAccepted)
	r.call(t, "dailymart-member", "POST", at+"/approve?wait=20s", map[string]any{"note": "go on"}).is(http.StatusOK).into(&got)
	require.Equal(t, request.Done, got.Object.Status.State)
	require.Equal(t, "why six?", got.Object.Spec.Comments[0].Text)
	r.call(t, "dailymart-member", "POST", at+"/refuse", map[string]any{"reason": "too late"}).refused(resource.ReasonConflict)
	var made box
	r.call(t, "dailymart-member", "GET", "/v1/boxes/"+got.Object.Status.Object.ID, nil).is(http.StatusOK).into(&made)
	require.Equal(t, "dailymart-reader", made.CreatedBy)
	require.Equal(t, resource.OperationSucceeded, operationOf(t, r, got.Object.Status.Operation).State)
	require.NotContains(t, string(r.call(t, "dailymart-member", "GET", at+"/history", nil).is(http.StatusOK).body), "hush")
	list := r.call(t, "dailymart-member", "GET", "/v1/requests?field=status.state%3Ddone&project="+r.project[shop], nil).is(http.StatusOK)
	require.Contains(t, string(list.body), got.Object.ID)
	require.NotContains(t, string(r.call(t, "tealeaf-member", "GET", "/v1/requests", nil).is(http.StatusOK).body), got.Object.ID)
}

func operationOf(t testing.TB, r *rig, id string) (op resource.Operation) {
	r.call(t, "dailymart-member", "GET", "/v1/operations/"+id+"?wait=20s", nil).is(http.StatusOK).into(&op)
	return op
}

// TestRequestsForWhatIsNoCall are refused as the call itself would be, and at once.
func TestRequestsForWhatIsNoCall(t *testing.T) {
	t.Parallel()
	r := newDesk(t)
	r.newBox(t, "dailymart-member", shop, "there", 5)
	body := func(spec any) any { return map[string]any{"project": shop, "name": "b", "spec": spec} }
	for _, c := range []struct {
		method, path string
		body         any
		field        string
	}{
		{"POST", "/v1/boxes", body(map[string]any{"size": -5}), "spec.body.spec.size"},
		{"POST", "/v1/boxes", body(map[string]any{"size": 13}), "spec.size"},
		{"POST", "/v1/boxes", body(map[string]any{"size": "big"}), "spec.body.spec.size"},
		{"POST", "/v1/boxes", nil, "spec.body"},
		{"PUT", "/v1/boxes/there", map[string]any{}, "spec.body.spec"},
		{"PATCH", "/v1/boxes/there", map[string]any{"spec": map[string]any{"size": 101}}, "spec.size"},
		{"POST", "/v1/boxes/there/grow", map[string]any{"by": 0}, "spec.body.by"},
		{"POST", "/v1/boxes/there/fly", nil, "spec.path"},
		{"POST", "/v1/shelves", body(map[string]any{"height": 5}), "spec.path"},
		{"POST", "/v1/users", map[string]any{"name": "x"}, "spec.path"},
		{"DELETE", "/v1/boxes/there/grow", nil, "spec.path"},
		{"POST", "/v1/boxes/%zz/grow", map[string]any{"by": 1}, "spec.path"},
		{"POST", "/v1/requests/x/approve", map[string]any{}, "spec.path"},
		{"POST", "/v1/boxes?dryRun=true", body(map[string]any{"size": 5}), "spec.path"},
		{"GET", "/v1/boxes", nil, "spec.method"},
	} {
		p := r.asks(t, "dailymart-reader", shop, "r", c.method, c.path, c.body).refused(resource.ReasonInvalid)
		fields := []string{}
		for _, f := range p.Fields {
			fields = append(fields, f.Path)
		}
		require.Contains(t, fields, c.field, "%s %s: %+v", c.method, c.path, p)
	}
	r.asks(t, "dailymart-reader", shop, "r", "DELETE", "/v1/boxes/nothing", nil).refused(resource.ReasonNotFound)
	r.asks(t, "dailymart-member", shop, "r", "DELETE", "/v1/boxes/there", nil).refused(resource.ReasonConflict)
	r.asks(t, "tealeaf-member", r.project[shop], "r", "DELETE", "/v1/boxes/there", nil).refused(resource.ReasonNotFound)
	var list struct{ Items []json.RawMessage }
	r.call(t, "admin", "GET", "/v1/requests", nil).is(http.StatusOK).into(&list)
	require.Empty(t, list.Items)
}

// TestWaitForADecision ends with what came of it: the request's stream of changes tells of each step.
func TestWaitForADecision(t *testing.T) {
	t.Parallel()
	r := newDesk(t)
	r.newBox(t, "dailymart-member", shop, "there", 5)
	r.works.set(true, nil)
	var got requested
	r.asks(t, "dailymart-reader", shop, "r", "POST", "/v1/boxes/there/grow", map[string]any{"by": 3}).is(http.StatusCreated).into(&got)
	at := "/v1/requests/" + got.Object.ID
	r.call(t, "dailymart-member", "POST", at+"/approve?wait=100ms", map[string]any{}).is(http.StatusAccepted)
	var o request.Object
	require.Eventually(t, func() bool {
		r.call(t, "dailymart-reader", "GET", at, nil).is(http.StatusOK).into(&o)
		return o.Status.State == request.Running
	}, 20*time.Second, 20*time.Millisecond, "the call's work is followed")
	r.call(t, "dailymart-member", "DELETE", at, nil).refused(resource.ReasonConflict)
	r.works.set(false, nil)
	require.Eventually(t, func() bool {
		r.call(t, "dailymart-reader", "GET", at, nil).is(http.StatusOK).into(&o)
		return o.Status.State == request.Done
	}, 20*time.Second, 20*time.Millisecond)
	r.call(t, "dailymart-member", "DELETE", at+"?wait=20s", nil).is(http.StatusOK)
}
