package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestLifeOfAnObject(t *testing.T) {
	r := newRig(t)
	who := "dailymart-member"
	r.set(true, nil)
	spec := map[string]any{"size": 5, "colour": "red", "secret": "hush"}
	made := r.call(t, who, "POST", "/v1/boxes", map[string]any{"project": shop, "name": "b1", "labels": map[string]string{"tier": "web"}, "spec": spec}).is(202).golden("create")
	require.NotContains(t, string(made.body), "hush")
	a := made.applied()
	require.Equal(t, "/v1/operations/"+a.Operation.ID, made.header.Get("Location"))
	require.Equal(t, `"1"`, made.header.Get("ETag"))
	require.Equal(t, map[string]int64{"boxes": 1, "litres": 5}, a.Charges)

	start := time.Now()
	var op resource.Operation
	r.call(t, who, "GET", made.header.Get("Location")+"?wait=1", nil).is(200).into(&op)
	require.False(t, op.Ended())
	require.Greater(t, time.Since(start), 900*time.Millisecond)
	r.set(false, nil)
	r.call(t, who, "GET", made.header.Get("Location")+"?wait=20s", nil).is(200).golden("operation").into(&op)
	require.Equal(t, resource.OperationSucceeded, op.State)

	got := r.call(t, who, "GET", "/v1/boxes/"+a.Object.ID, nil).is(200).golden("get")
	tag := got.header.Get("ETag")
	r.call(t, who, "GET", "/v1/boxes/"+a.Object.ID, nil, "If-None-Match", tag).is(304)
	r.call(t, who, "GET", "/v1/boxes/b1?project="+url.QueryEscape(shop), nil).is(200)
	r.call(t, who, "GET", "/v1/boxes/b1", nil).is(200)

	patched := r.call(t, who, "PATCH", "/v1/boxes/b1?wait=20s", `{"labels":{"tier":null,"zone":"a"},"spec":{"size":7,"colour":null}}`).is(200).applied()
	require.Equal(t, boxSpec{Size: 7}, patched.Object.Spec)
	require.Equal(t, boxStatus{Size: 7}, patched.Object.Status)
	require.Equal(t, map[string]string{"zone": "a"}, patched.Object.Labels)
	require.Equal(t, resource.PhaseReady, patched.Object.Phase)

	replaced := r.call(t, who, "PUT", "/v1/boxes/b1?wait=20s", `{"labels":{},"spec":{"size":8}}`).is(200).applied()
	require.Empty(t, replaced.Object.Labels)
	same := r.call(t, who, "PUT", "/v1/boxes/b1", `{"spec":{"size":8}}`).is(200).applied()
	require.False(t, same.Changed)
	require.Nil(t, same.Operation)

	closed := r.call(t, who, "POST", "/v1/boxes/b1/close?wait=20s", nil).is(200).applied()
	require.True(t, closed.Object.Status.Closed)
	grown := r.call(t, who, "POST", "/v1/boxes/b1/grow?wait=20s", `{"by":2}`).is(200).applied()
	require.Equal(t, 10, grown.Object.Status.Size)

	var ops struct{ Items []resource.Operation }
	r.call(t, who, "GET", "/v1/boxes/b1/operations", nil).is(200).into(&ops)
	require.Len(t, ops.Items, 5)
	require.Equal(t, "grow", ops.Items[0].Verb)
	r.call(t, who, "GET", "/v1/boxes/b1/history", nil).is(200).golden("history")
	r.call(t, who, "GET", "/v1/boxes", nil).is(200).golden("list")

	r.call(t, who, "DELETE", "/v1/boxes/b1?dryRun=true", nil).is(200)
	gone := r.call(t, who, "DELETE", "/v1/boxes/b1?wait=20s", nil).is(200).applied()
	require.Equal(t, resource.OperationSucceeded, gone.Operation.State)
	r.call(t, who, "GET", "/v1/boxes/b1", nil).refused(resource.ReasonNotFound)
	require.NotContains(t, r.log.String(), "hush")
}

func TestKindsWithoutWorkAnswerAtOnce(t *testing.T) {
	r := newRig(t)
	made := r.call(t, "admin", "POST", "/v1/shelves", `{"name":"s1","spec":{"height":3}}`).is(201).golden("create-global")
	require.True(t, strings.HasPrefix(made.header.Get("Location"), "/v1/shelves/"))
	r.call(t, "dailymart-reader", "GET", "/v1/shelves/s1", nil).is(200)
	r.call(t, "admin", "DELETE", "/v1/shelves/s1", nil).is(200)
	r.call(t, "admin", "GET", "/v1/shelves/s1", nil).refused(resource.ReasonNotFound)
}

func TestPreconditions(t *testing.T) {
	r := newRig(t)
	b := r.newBox(t, "admin", shop, "b1", 5).Object
	r.call(t, "admin", "PUT", "/v1/boxes/b1?wait=20s", `{"spec":{"size":6}}`).is(200)
	old := fmt.Sprintf(`"%d"`, b.Version)
	for _, c := range []struct{ method, path, body string }{{"PUT", "", `{"spec":{"size":7}}`}, {"PATCH", "", `{"spec":{"size":7}}`}, {"POST", "/grow", `{"by":1}`}, {"DELETE", "", ""}} {
		p := r.call(t, "admin", c.method, "/v1/boxes/b1"+c.path, c.body, "If-Match", old).is(412).refused(resource.ReasonStale)
		require.NotEmpty(t, p.Hint)
	}
	now := r.call(t, "admin", "GET", "/v1/boxes/b1", nil).header.Get("ETag")
	r.call(t, "admin", "PUT", "/v1/boxes/b1?wait=20s", `{"spec":{"size":9}}`, "If-Match", now).is(200)
	p := r.call(t, "admin", "PUT", "/v1/boxes/b1", `{"spec":{"size":9}}`, "If-Match", "yesterday's").refused(resource.ReasonInvalid)
	require.Equal(t, "header.If-Match", p.Fields[0].Path)
}

// TestPatchesInTheSameMoment shows that without If-Match no patch is lost and none is refused.
func TestPatchesInTheSameMoment(t *testing.T) {
	r := newRig(t)
	r.newBox(t, "admin", shop, "b1", 5)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r.call(t, "admin", "PATCH", "/v1/boxes/b1", map[string]any{"spec": map[string]any{"extra": map[string]string{fmt.Sprint("k", i): "v"}}})
		})
	}
	wg.Wait()
	var b box
	r.call(t, "admin", "GET", "/v1/boxes/b1", nil).is(200).into(&b)
	require.Len(t, b.Spec.Extra, 8)
}

func TestPatchesOfLabels(t *testing.T) {
	r := newRig(t)
	r.newBox(t, "admin", shop, "b1", 5)
	patch := func(labels string) answer {
		return r.call(t, "admin", "PATCH", "/v1/boxes/b1", `{"labels":`+labels+`}`)
	}
	require.Equal(t, map[string]string{"zone": "a", "tier": "1"}, patch(`{"zone":"a","tier":"1"}`).is(200).applied().Object.Labels)
	for _, wrong := range []string{`"a"`, `["a"]`, `{"zone":5}`, `{"zone":{}}`} {
		patch(wrong).is(422)
	}
	require.Equal(t, map[string]string{"zone": "a"}, patch(`{"tier":null}`).is(200).applied().Object.Labels)
	require.Empty(t, patch(`null`).is(200).applied().Object.Labels)
}

func TestIdempotency(t *testing.T) {
	r := newRig(t)
	body := map[string]any{"project": shop, "name": "b1", "spec": map[string]any{"size": 5}}
	first := r.call(t, "admin", "POST", "/v1/boxes?wait=20s", body, "Idempotency-Key", "k1").is(201).applied()
	again := r.call(t, "admin", "POST", "/v1/boxes", body, "Idempotency-Key", "k1").is(201).applied()
	require.Equal(t, first.Object.ID, again.Object.ID)
	require.Equal(t, first.Operation.ID, again.Operation.ID)
	r.call(t, "admin", "POST", "/v1/boxes", body).refused(resource.ReasonAlreadyExists)
	body["name"] = "b2"
	p := r.call(t, "admin", "POST", "/v1/boxes", body, "Idempotency-Key", "k1").refused(resource.ReasonInvalid)
	require.Contains(t, p.Hint, "new key")
	// Another actor's key is another key.
	r.call(t, "dailymart-member", "POST", "/v1/boxes?wait=20s", body, "Idempotency-Key", "k1").is(201)

	r.call(t, "admin", "POST", "/v1/boxes/b1/grow?wait=20s", `{"by":1}`, "Idempotency-Key", "k2").is(200)
	r.call(t, "admin", "POST", "/v1/boxes/b1/grow?wait=20s", `{"by":1}`, "Idempotency-Key", "k2")
	var b box
	r.call(t, "admin", "GET", "/v1/boxes/b1?project="+shop, nil).is(200).into(&b)
	require.Equal(t, 6, b.Spec.Size)
}

func TestDryRunWritesNothing(t *testing.T) {
	r := newRig(t)
	body := map[string]any{"project": shop, "name": "b1", "spec": map[string]any{"size": 5}}
	a := r.call(t, "admin", "POST", "/v1/boxes?dryRun=true", body).is(200).golden("dry-run").applied()
	require.True(t, a.DryRun)
	require.Nil(t, a.Operation)
	r.call(t, "admin", "GET", "/v1/boxes/b1", nil).refused(resource.ReasonNotFound)
	r.call(t, "admin", "PUT", "/v1/quotas/litres?node="+shop, `{"hard":4}`).is(200).golden("quota")
	p := r.call(t, "admin", "POST", "/v1/boxes?dryRun=true", body).is(403).refused(resource.ReasonQuotaExceeded)
	require.NotEmpty(t, p.Hint)
}

func TestWaitTellsWhyItFailed(t *testing.T) {
	r := newRig(t)
	why := &resource.Problem{Reason: resource.ReasonInvalid, Kind: "box", Detail: "no shelf is that strong", Hint: "make it smaller",
		Candidates: []resource.Candidate{{Name: "s1", Reason: "Weak", Detail: "holds 4 l"}}}
	r.set(false, why)
	spec := map[string]any{"size": 5}
	p := r.call(t, "admin", "POST", "/v1/boxes?wait=20s", map[string]any{"project": shop, "name": "b1", "spec": spec}).golden("failed").refused(resource.ReasonInvalid)
	require.Equal(t, "s1", p.Candidates[0].Name)
	require.Equal(t, "b1", p.Operation.ObjectName)

	r.set(false, errBroken) // not known to be final: it is tried again, and shown meanwhile
	tried := r.call(t, "admin", "POST", "/v1/boxes?wait=1", map[string]any{"project": shop, "name": "b2", "spec": spec}).is(202).applied().Operation
	require.False(t, tried.Ended())
	r.call(t, "admin", "POST", "/v1/operations/"+tried.ID+"/cancel", nil).is(200)
	r.call(t, "admin", "GET", "/v1/operations/"+tried.ID+"?wait=1s", nil).is(200)
	r.set(false, nil)
	var ops struct{ Items []resource.Operation }
	r.call(t, "admin", "GET", "/v1/operations?limit=1", nil).is(200).into(&ops)
	r.call(t, "admin", "POST", "/v1/operations/"+ops.Items[0].ID+"/retry", nil).is(200)
	var op resource.Operation
	r.call(t, "admin", "GET", "/v1/operations/"+ops.Items[0].ID+"?wait=20s", nil).is(200).into(&op)
	require.Equal(t, resource.OperationSucceeded, op.State)
	r.call(t, "admin", "POST", "/v1/operations/"+op.ID+"/cancel", nil).refused(resource.ReasonConflict)
}

func TestPagesAndFilters(t *testing.T) {
	r := newRig(t)
	for i := range 7 {
		colour := []string{"red", "green"}[i%2]
		r.call(t, "admin", "POST", "/v1/boxes?wait=20s", map[string]any{"project": shop, "name": fmt.Sprint("b", i),
			"labels": map[string]string{"n": fmt.Sprint(i % 3), "all": "yes"}, "spec": map[string]any{"size": 5 + i, "colour": colour}}).is(201)
	}
	r.newBox(t, "admin", teashop, "other", 50)
	list := func(who, query string) (names []string, next string) {
		var page struct {
			Items []box
			Next  string
		}
		r.call(t, who, "GET", "/v1/boxes?"+query, nil).is(200).into(&page)
		for _, b := range page.Items {
			names = append(names, b.Name)
		}
		return names, page.Next
	}
	var all []string
	query := "limit=3"
	for {
		names, next := list("admin", query)
		all = append(all, names...)
		if next == "" {
			break
		}
		query = "limit=3&after=" + next
	}
	require.Equal(t, []string{"b0", "b1", "b2", "b3", "b4", "b5", "b6", "other"}, all)
	for query, want := range map[string][]string{
		"label=n%3D1":                             {"b1", "b4"},
		"label=n=1&label=all=yes":                 {"b1", "b4"},
		"label=n=1&field=spec.colour=red":         {"b4"},
		"field=spec.size=8":                       {"b3"},
		"name=b2":                                 {"b2"},
		"phase=Failed":                            nil,
		"project=" + url.QueryEscape(teashop):     {"other"},
		"project=" + r.project[shop] + "&name=b0": {"b0"},
	} {
		got, _ := list("admin", query)
		require.Equal(t, want, got, query)
	}
	got, _ := list("dailymart-reader", "limit=1000")
	require.Len(t, got, 7)
	got, _ = list("tealeaf-member", "")
	require.Equal(t, []string{"other"}, got)
	r.call(t, "tealeaf-member", "GET", "/v1/boxes?project="+url.QueryEscape(shop), nil).refused(resource.ReasonNotFound)
	r.call(t, "tealeaf-member", "GET", "/v1/boxes?project="+r.project[shop], nil).refused(resource.ReasonNotFound)
}
