package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

// TestPeopleWhomProvidersRefuseComeToThePortal: what is wrong is told by the server alone, and never by the address.
func TestPeopleWhomProvidersRefuseComeToThePortal(t *testing.T) {
	r := newRig(t)
	withProvider(t, r, nil)
	browser := newBrowser(t)
	open := func(path string) (where string, told api.Problem) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.http.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		res, err := browser.Do(req)
		require.NoError(t, err)
		status, page := answerOf(t, res)
		require.Equal(t, 200, status, page)
		require.Equal(t, "<html>plaza</html>", page)
		at, err := url.Parse(r.http.URL + "/sign-in")
		require.NoError(t, err)
		for _, c := range browser.Jar.Cookies(at) {
			if c.Name == "plaza_refusal" {
				text, err := base64.RawURLEncoding.DecodeString(c.Value)
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(text, &told))
			}
		}
		return res.Request.URL.String(), told
	}
	for _, path := range []string{"/v1/login/oidc/callback?state=x&code=y", "/v1/login/oidc/nowhere"} {
		where, told := open(path)
		require.Equal(t, r.http.URL+"/sign-in", where)
		require.NotEmpty(t, told.Detail)
		require.NotEmpty(t, told.Hint)
	}
	var told api.Problem
	for range 30 { // until the address has tried too often
		if _, told = open(oidcStart + "x"); told.Reason == api.ReasonTooManyRequests {
			break
		}
		require.Equal(t, resource.ReasonNotFound, told.Reason)
	}
	require.Equal(t, api.ReasonTooManyRequests, told.Reason)
	at, err := url.Parse(r.http.URL + "/v1/me")
	require.NoError(t, err)
	for _, c := range browser.Jar.Cookies(at) {
		require.NotEqual(t, "plaza_refusal", c.Name, "it is of the sign-in page alone")
	}
}
