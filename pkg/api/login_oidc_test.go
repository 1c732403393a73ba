package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
	"github.com/plazacloud/plaza/pkg/tenancy/oidc/oidctest"
)

const oidcStart = "/v1/login/oidc/corp"

// withProvider adds a real provider to a rig, whose group tills gives members the shop.
func withProvider(t *testing.T, r *rig, change func(*tenancy.NewIdentityProvider)) *oidctest.Provider {
	t.Helper()
	p := oidctest.Start(t, r.http.URL+"/v1/login/oidc/callback")
	in := tenancy.NewIdentityProvider{Name: "corp", Title: "Corporate", Provision: true, Secret: oidctest.Secret,
		OIDC:   &tenancy.OIDCSettings{Issuer: p.Issuer, ClientID: oidctest.ClientID, RedirectURL: r.http.URL + "/v1/login/oidc/callback"},
		Groups: []tenancy.GroupRole{{Group: "tills", Role: tenancy.Member, Node: shop}, {Group: "auditors", Role: tenancy.Reader, Node: "freshfoods"}}}
	if change != nil {
		change(&in)
	}
	a := r.call(t, "admin", "POST", "/v1/identity-providers", in).is(201)
	require.NotContains(t, string(a.body), oidctest.Secret)
	return p
}

func newBrowser(t *testing.T) *http.Client {
	b := oidctest.NewBrowser()
	t.Cleanup(b.CloseIdleConnections)
	return b
}

// visit reads a page of the server with what cookies a browser has.
func visit(t *testing.T, browser *http.Client, address string) (int, string) {
	t.Helper()
	res, err := browser.Get(address) //nolint:noctx // of the test's own server
	require.NoError(t, err)
	return answerOf(t, res)
}

func answerOf(t *testing.T, res *http.Response) (int, string) {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode, string(text)
}

func TestBrowserSignsInByProvider(t *testing.T) {
	r := newRig(t)
	p := withProvider(t, r, nil)
	require.JSONEq(t, `{"items":[{"name":"corp","title":"Corporate","url":"`+oidcStart+`"}]}`, string(r.call(t, "", "GET", "/v1/login/providers", nil).is(200).body))
	p.Join("tills", "unknown to us")
	browser := newBrowser(t)
	end, err := oidctest.SignIn(t.Context(), browser, r.http.URL+oidcStart)
	require.NoError(t, err)
	back := end.Request.Response.Request.URL // the callback, which redirected to the portal
	require.Equal(t, "/v1/login/oidc/callback", back.Path)
	status, page := answerOf(t, end)
	require.Equal(t, 200, status)
	require.Equal(t, "<html>plaza</html>", page)
	grants := func() string {
		status, me := visit(t, browser, r.http.URL+"/v1/me")
		require.Equal(t, 200, status, me)
		var got api.Me
		require.NoError(t, json.Unmarshal([]byte(me), &got))
		require.Equal(t, []string{oidctest.User, oidctest.Subject}, []string{got.User.Name, got.User.Subject})
		var out []string
		for _, g := range got.Permissions.Grants {
			out = append(out, g.String())
		}
		return strings.Join(out, ", ")
	}
	require.Equal(t, "member on "+shop, grants())

	// The same way back a second time leads nowhere, with the browser's cookie or without.
	for _, b := range []*http.Client{browser, newBrowser(t)} {
		status, page = visit(t, b, back.String())
		require.Equal(t, 401, status, page)
	}
	// Groups are what they are at the latest login.
	p.Join("auditors")
	again, err := oidctest.SignIn(t.Context(), browser, r.http.URL+oidcStart)
	require.NoError(t, err)
	_, _ = answerOf(t, again)
	require.Equal(t, "reader on freshfoods", grants())
	r.call(t, "admin", "POST", "/v1/users/"+oidctest.User+"/password", `{"password":"a long enough one"}`).refused(resource.ReasonConflict)
	r.call(t, "", "POST", "/v1/login", `{"name":"`+oidctest.User+`","password":"`+oidctest.Password+`"}`).refused(resource.ReasonUnauthenticated)
	r.call(t, "admin", "DELETE", "/v1/identity-providers/corp", nil).refused(resource.ReasonInUse)
	require.NotContains(t, r.log.String(), oidctest.Secret)
}

// TestSignInIsOfOneBrowser: who begins must be who comes back.
func TestSignInIsOfOneBrowser(t *testing.T) {
	r := newRig(t)
	withProvider(t, r, nil)
	theirs := newBrowser(t)
	theirs.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := theirs.Get(r.http.URL + oidcStart) //nolint:noctx // of the test's own server
	require.NoError(t, err)
	status, _ := answerOf(t, res)
	require.Equal(t, 302, status)
	address, err := url.Parse(res.Header.Get("Location"))
	require.NoError(t, err)
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		require.Len(t, address.Query().Get(name), 43, name)
	}
	require.Equal(t, "S256", address.Query().Get("code_challenge_method"))
	res, err = oidctest.SignIn(t.Context(), newBrowser(t), address.String())
	require.NoError(t, err)
	status, said := answerOf(t, res)
	require.Equal(t, 401, status)
	require.Contains(t, said, "another browser's")
	status, _ = visit(t, newBrowser(t), r.http.URL+"/v1/login/oidc/nowhere")
	require.Equal(t, 404, status)
	status, _ = visit(t, newBrowser(t), r.http.URL+"/v1/login/oidc/callback?state=x&code=y")
	require.Equal(t, 401, status)
}

// TestForgedTokensLetNobodyIn: each differs from a good one in a single thing.
func TestForgedTokensLetNobodyIn(t *testing.T) {
	r := newRig(t, func(c *api.Config) { c.Secure = false })
	p := withProvider(t, r, nil)
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signed := func(change func(claims map[string]any)) func(map[string]any) string {
		return func(claims map[string]any) string {
			change(claims)
			return p.Sign(t, claims)
		}
	}
	for _, c := range []struct {
		name, why string
		token     func(map[string]any) string
	}{
		{"signed by another key", "failed to verify signature", func(claims map[string]any) string { return oidctest.Sign(t, foreign, "key", claims) }},
		{"not signed", "unexpected signature algorithm", func(claims map[string]any) string {
			return "eyJhbGciOiJub25lIn0." + strings.Split(p.Sign(t, claims), ".")[1] + "."
		}},
		{"expired", "expired", signed(func(claims map[string]any) { claims["exp"] = time.Now().Add(-time.Hour).Unix() })},
		{"for another audience", "expected audience", signed(func(claims map[string]any) { claims["aud"] = []string{"another"} })},
		{"of another issuer", "different provider", signed(func(claims map[string]any) { claims["iss"] = "http://127.0.0.1:1" })},
		{"for another sign-in", "another sign-in", signed(func(claims map[string]any) { claims["nonce"] = "another" })},
		{"of another subject than the page", "another's", signed(func(claims map[string]any) { claims["sub"] = "id1" })},
	} {
		p.Tamper(c.token)
		r.server.Forgive()
		res, err := oidctest.SignIn(t.Context(), newBrowser(t), r.http.URL+oidcStart)
		require.NoError(t, err, c.name)
		status, said := answerOf(t, res)
		require.Equal(t, 401, status, "%s: %s", c.name, said)
		require.Contains(t, said, c.why, c.name)
		r.call(t, "admin", "GET", "/v1/users/"+oidctest.User, nil).refused(resource.ReasonNotFound)
	}
	p.Tamper(signed(func(map[string]any) {}))
	r.server.Forgive()
	res, err := oidctest.SignIn(t.Context(), newBrowser(t), r.http.URL+oidcStart)
	require.NoError(t, err)
	status, said := answerOf(t, res)
	require.Equal(t, 200, status, said)
}

// TestCommandSignsInByProvider through a ticket that is of use to it alone.
func TestCommandSignsInByProvider(t *testing.T) {
	r := newRig(t)
	withProvider(t, r, func(in *tenancy.NewIdentityProvider) { in.Domains = []string{oidctest.Domain} })
	tickets := make(chan url.Values, 1)
	command := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { tickets <- q.URL.Query() }))
	defer command.Close()
	at, err := url.Parse(command.URL)
	require.NoError(t, err)
	start := r.http.URL + oidcStart + "?port=" + at.Port() + "&challenge=" + tenancy.Challenge("mine")
	signIn := func() url.Values {
		res, err := oidctest.SignIn(t.Context(), newBrowser(t), start)
		require.NoError(t, err)
		status, _ := answerOf(t, res)
		require.Equal(t, 200, status)
		return <-tickets
	}
	ticket := signIn().Get("ticket")
	redeem := func(verifier string) answer {
		return r.call(t, "", "POST", "/v1/login/ticket", map[string]string{"ticket": ticket, "verifier": verifier})
	}
	redeem("theirs").refused(resource.ReasonUnauthenticated)
	var in api.Login
	redeem("mine").is(200).into(&in)
	require.Equal(t, oidctest.User, in.User.Name)
	redeem("mine").refused(resource.ReasonUnauthenticated)
	r.secrets["oidc"] = in.Token
	r.call(t, "oidc", "GET", "/v1/me", nil).is(200)
	r.call(t, "oidc", "GET", "/v1/identity-providers", nil).refused(resource.ReasonForbidden)

	r.call(t, "admin", "PUT", "/v1/identity-providers/corp", map[string]any{"name": "corp", "domains": []string{"example.net"},
		"oidc": r.provider(t, "corp").OIDC}).is(200)
	refused := signIn()
	require.Equal(t, "Forbidden", refused.Get("reason"))
	require.Contains(t, refused.Get("detail"), "example.net")
	for _, bad := range []string{"?port=22&challenge=" + tenancy.Challenge("x"), "?port=x", "?port=5000", "?port=70000&challenge=" + tenancy.Challenge("x")} {
		r.server.Forgive()
		status, said := visit(t, newBrowser(t), r.http.URL+oidcStart+bad)
		require.Equal(t, 422, status, said)
	}
}

func (r *rig) provider(t *testing.T, name string) tenancy.IdentityProvider {
	p, err := r.tenancy.IdentityProvider(t.Context(), name)
	require.NoError(t, err)
	return p
}

func TestProvidersMakeAccountsOnlyWhenTold(t *testing.T) {
	r := newRig(t)
	withProvider(t, r, func(in *tenancy.NewIdentityProvider) { in.Provision = false })
	signIn := func() (int, string) {
		res, err := oidctest.SignIn(t.Context(), newBrowser(t), r.http.URL+oidcStart)
		require.NoError(t, err)
		return answerOf(t, res)
	}
	status, said := signIn()
	require.Equal(t, 403, status)
	require.Contains(t, said, "plaza user create "+oidctest.User+" --provider corp --subject "+oidctest.Subject)
	r.call(t, "admin", "POST", "/v1/users", `{"name":"kim","provider":"corp"}`).refused(resource.ReasonInvalid)
	r.call(t, "admin", "POST", "/v1/users", `{"name":"kim","provider":"corp","subject":"`+oidctest.Subject+`","password":"a long enough one"}`).refused(resource.ReasonInvalid)
	r.call(t, "admin", "POST", "/v1/users", `{"name":"kim","provider":"corp","subject":"`+oidctest.Subject+`"}`).is(201)
	r.call(t, "admin", "POST", "/v1/users", `{"name":"lee","provider":"corp","subject":"`+oidctest.Subject+`"}`).refused(resource.ReasonAlreadyExists)
	status, _ = signIn()
	require.Equal(t, 200, status)
	r.call(t, "admin", "PATCH", "/v1/users/kim", `{"disabled":true}`).is(200)
	status, said = signIn()
	require.Equal(t, 401, status, said)
	r.call(t, "admin", "DELETE", "/v1/users/kim", nil).is(204)
	r.call(t, "admin", "DELETE", "/v1/identity-providers/corp", nil).is(204)
}
