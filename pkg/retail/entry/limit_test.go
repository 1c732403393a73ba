package entry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLimits(t *testing.T) {
	h := newLimiter(0.001, 2).limit(limitBody(4, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })))
	send := func(client, body string) int {
		r := httptest.NewRequest("POST", "/v1/quotes", strings.NewReader(body))
		r.RemoteAddr = client
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	require.Equal(t, 200, send("192.0.2.1:1", "1234"))
	require.Equal(t, 413, send("192.0.2.1:2", "12345"))
	require.Equal(t, 429, send("192.0.2.1:3", ""), "the limit is by address, not by connection")
	require.Equal(t, 200, send("192.0.2.2:1", ""))
}

func TestStatus(t *testing.T) {
	node := func(app, env string, ok bool) NodeHealth {
		n := NodeHealth{OK: ok}
		n.App, n.Env = app, env
		return n
	}
	all := []NodeHealth{node("product", "", true), node("inventory", "", true), node("trade", "", true)}
	require.Equal(t, "ok", Health{Apps: all}.status())
	require.Equal(t, "degraded", Health{Apps: append(all, node("trade", "newRetail", false))}.status())
	require.Equal(t, "degraded", Health{Apps: all, Checks: []Check{{OK: false}}}.status())
	require.Equal(t, "down", Health{Apps: append(all[:2:2], node("trade", "newRetail", true))}.status(), "a dedicated node does not serve the public")
}
