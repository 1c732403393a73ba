package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestLogin(t *testing.T) {
	r := newRig(t)
	a := r.call(t, "", "POST", "/v1/login", `{"name":"dailymart-member","password":"`+password+`"}`).is(200).golden("login")
	var in api.Login
	a.into(&in)
	set, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.True(t, set.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, set.SameSite)
	require.Equal(t, in.Token, set.Value)

	cookie := set.Name + "=" + set.Value
	box := map[string]any{"project": shop, "name": "b1", "spec": map[string]any{"size": 5}}
	r.call(t, "", "GET", "/v1/me", nil, "Cookie", cookie).is(200).golden("me")
	r.call(t, "", "POST", "/v1/boxes", box, "Cookie", cookie).refused(resource.ReasonForbidden)
	r.call(t, "", "POST", "/v1/boxes", box, "Cookie", cookie, "Sec-Fetch-Site", "cross-site").refused(resource.ReasonForbidden)
	r.call(t, "", "POST", "/v1/boxes?wait=20s", box, "Cookie", cookie, "X-Plaza-CSRF", "1").is(201)
	r.call(t, "", "DELETE", "/v1/boxes/b1?wait=20s", nil, "Cookie", cookie, "Sec-Fetch-Site", "same-origin").is(200)

	r.secrets["me"] = in.Token
	r.call(t, "me", "POST", "/v1/me/password", `{"old":"wrong password","new":"another good one"}`).refused(resource.ReasonInvalid)
	r.call(t, "me", "POST", "/v1/me/password", `{"old":"`+password+`","new":"short"}`).refused(resource.ReasonInvalid)
	r.call(t, "me", "POST", "/v1/me/password", `{"old":"`+password+`","new":"another good one"}`).is(204)
	r.call(t, "dailymart-member", "GET", "/v1/me", nil).refused(resource.ReasonUnauthenticated) // its other session
	r.call(t, "me", "GET", "/v1/me/sessions", nil).is(200)
	out := r.call(t, "me", "POST", "/v1/logout", nil).is(204)
	require.Contains(t, out.header.Get("Set-Cookie"), "Max-Age=0")
	r.call(t, "me", "GET", "/v1/me", nil).refused(resource.ReasonUnauthenticated)
	require.NotContains(t, r.log.String(), password)
}

func TestGuessingIsSlowedDown(t *testing.T) {
	r := newRig(t)
	var last answer
	for range 30 {
		last = r.call(t, "", "POST", "/v1/login", `{"name":"nobody","password":"guess guess"}`)
		if last.status != 401 {
			break
		}
	}
	last.refused(api.ReasonTooManyRequests)
	require.NotEmpty(t, last.header.Get("Retry-After"))
	r.call(t, "admin", "GET", "/v1/me", nil).is(200)
}

func TestTokensUsersNodesBindings(t *testing.T) {
	r := newRig(t)
	var made api.CreatedToken
	r.call(t, "dailymart-member", "POST", "/v1/tokens", `{"name":"ci","role":"reader","node":"`+shop+`"}`).is(201).golden("token").into(&made)
	r.secrets["ci"] = made.Secret
	r.call(t, "ci", "GET", "/v1/boxes", nil).is(200)
	r.call(t, "ci", "POST", "/v1/boxes", map[string]any{"project": shop, "name": "b1", "spec": map[string]any{"size": 5}}).refused(resource.ReasonForbidden)
	r.call(t, "dailymart-member", "GET", "/v1/tokens", nil).is(200)
	r.call(t, "dailymart-member", "GET", "/v1/tokens?user=admin", nil).refused(resource.ReasonForbidden)
	r.call(t, "dailymart-member", "DELETE", "/v1/tokens/"+made.Token.ID, nil).is(204)
	r.call(t, "ci", "GET", "/v1/boxes", nil).refused(resource.ReasonUnauthenticated)

	r.call(t, "admin", "POST", "/v1/users", `{"name":"kim","password":"a long enough one"}`).is(201).golden("user")
	r.call(t, "admin", "POST", "/v1/users", `{"name":"kim","password":"a long enough one"}`).refused(resource.ReasonAlreadyExists)
	r.call(t, "admin", "POST", "/v1/nodes", `{"parent":"freshfoods/north","type":"project","name":"lab"}`).is(201).golden("node")
	var bound struct{ ID string }
	r.call(t, "admin", "POST", "/v1/bindings", `{"user":"kim","role":"member","node":"freshfoods/north/lab"}`).is(201).golden("binding").into(&bound)
	r.call(t, "admin", "GET", "/v1/bindings?node=freshfoods/north&below=true", nil).is(200)
	r.call(t, "admin", "GET", "/v1/bindings", nil).is(200)
	r.newBox(t, "admin", "freshfoods/north/lab", "b1", 5)
	p := r.call(t, "admin", "DELETE", "/v1/nodes/freshfoods%2Fnorth%2Flab", nil).refused(resource.ReasonInUse)
	require.Equal(t, "box b1", p.Candidates[0].Name)
	r.call(t, "admin", "DELETE", "/v1/boxes/b1?wait=20s", nil).is(200)
	r.call(t, "admin", "PATCH", "/v1/nodes/freshfoods%2Fnorth%2Flab", `{"title":"Lab"}`).is(200)
	r.call(t, "admin", "DELETE", "/v1/bindings/"+bound.ID, nil).is(204)
	r.call(t, "admin", "DELETE", "/v1/nodes/freshfoods%2Fnorth%2Flab", nil).is(204)
	r.call(t, "admin", "PATCH", "/v1/users/kim", `{"disabled":true}`).is(200)
	r.call(t, "admin", "POST", "/v1/users/kim/password", `{"password":"one more good one"}`).is(204)
	r.call(t, "admin", "DELETE", "/v1/users/kim", nil).is(204)
	r.call(t, "admin", "DELETE", "/v1/users/admin", nil).refused(resource.ReasonConflict)
	r.call(t, "admin", "GET", "/v1/nodes?type=project&under=freshfoods/south", nil).is(200).golden("nodes")
	r.call(t, "tealeaf-member", "GET", "/v1/nodes/freshfoods%2Fnorth", nil).refused(resource.ReasonNotFound)
	r.call(t, "admin", "GET", "/v1/audit?limit=2", nil).is(200)
	r.call(t, "dailymart-reader", "GET", "/v1/audit?project="+shop, nil).is(200)
	r.call(t, "dailymart-reader", "GET", "/v1/audit", nil).refused(resource.ReasonForbidden)
}

func TestEnrolment(t *testing.T) {
	r := newRig(t)
	r.call(t, "dailymart-member", "POST", "/v1/hosts/enrol-tokens", `{"site":"edge"}`).refused(resource.ReasonForbidden)
	r.call(t, "admin", "POST", "/v1/hosts/enrol-tokens", `{"site":"edge"}`).is(201)
	host := `{"token":"once","name":"h1","publicKey":"U` + strings.Repeat("A", 55) + `","arch":"amd64","roles":["kvm"],"cpus":2,"memoryMiB":1024,"agentVersion":"1","time":"2026-01-01T00:00:00Z"}`
	r.call(t, "", "POST", "/v1/hosts/enrol", host).is(200)
	r.call(t, "", "POST", "/v1/hosts/enrol", host).refused(resource.ReasonUnauthenticated)
	r.call(t, "", "POST", "/v1/hosts/enrol", strings.Replace(host, "kvm", "tea", 1)).refused(resource.ReasonInvalid)
}

func TestRawRoutes(t *testing.T) {
	r := newRig(t)
	r.call(t, "", "GET", "/healthz", nil).is(200)
	r.call(t, "", "GET", "/readyz", nil).is(200)
	r.call(t, "", "GET", "/v1/version", nil).is(200)
	r.call(t, "", "GET", "/metrics", nil).refused(resource.ReasonUnauthenticated)
	r.call(t, "dailymart-member", "GET", "/metrics", nil).refused(resource.ReasonForbidden)
	require.Contains(t, string(r.call(t, "cloud-operator", "GET", "/metrics", nil).is(200).body), `plaza_http_requests_total{code="200",method="GET",route="/v1/version"} 1`)
	require.Equal(t, r.server.OpenAPI(), r.call(t, "", "GET", "/v1/openapi.yaml", nil).is(200).body)

	page := r.call(t, "", "GET", "/servers/s1", nil).is(200)
	require.Equal(t, "<html>plaza</html>", string(page.body))
	require.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'self'")
	require.Equal(t, "no-cache", page.header.Get("Cache-Control"))
	require.Contains(t, r.call(t, "", "GET", "/assets/app-1.js", nil).is(200).header.Get("Cache-Control"), "immutable")
	r.call(t, "", "GET", "/assets/app-0.js", nil).refused(resource.ReasonNotFound)
	r.call(t, "", "GET", "/../../etc/passwd", nil).is(200)
	r.call(t, "", "POST", "/servers", `{}`).refused(resource.ReasonNotFound)
	require.Equal(t, "nosniff", page.header.Get("X-Content-Type-Options"))
}
