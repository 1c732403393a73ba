package openstack

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// The addresses are such as Nova of Zed and of earlier releases gives.
func TestProxyURL(t *testing.T) {
	for address, want := range map[string]string{
		"http://ctl:6080/vnc_auto.html?path=%3Ftoken%3Df3a4":            "ws://ctl:6080/?token=f3a4",
		"https://cloud:6080/vnc_lite.html?path=websockify%3Ftoken%3Dxy": "wss://cloud:6080/websockify?token=xy",
		"http://ctl:6080/vnc_auto.html?token=f3a4":                      "ws://ctl:6080/?token=f3a4",
		"ws://ctl:6083/?token=f3a4":                                     "ws://ctl:6083/?token=f3a4",
	} {
		got, err := proxyURL(address)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "vnc_auto.html", "ftp://ctl/", "http://%zz"} {
		_, err := proxyURL(bad)
		require.Equal(t, provider.ReasonInternal, provider.ReasonOf(err), bad)
	}
}

// A proxy ends a console as websockify does; one that refuses is told without its token.
func TestDialConsole(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "good" {
			http.Error(w, "the token is invalid or has expired", http.StatusForbidden)
			return
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"binary"}})
		if err != nil {
			return
		}
		_, said, err := c.Read(r.Context())
		if err == nil {
			err = c.Write(r.Context(), websocket.MessageBinary, append([]byte("heard "), said...))
		}
		if err == nil {
			_ = c.Close(websocket.StatusNormalClosure, "Target closed")
		}
	}))
	defer proxy.Close()
	conn, err := dialConsole(t.Context(), proxy.Client(), proxy.URL+"/vnc_auto.html?path=%3Ftoken%3Dgood")
	require.NoError(t, err)
	_, err = conn.Write([]byte("RFB"))
	require.NoError(t, err)
	got, err := io.ReadAll(conn)
	require.NoError(t, err, "an end, not a failure")
	require.Equal(t, "heard RFB", string(got))
	_ = conn.Close() // there is nobody left to hear of it

	_, err = dialConsole(t.Context(), proxy.Client(), proxy.URL+"/vnc_auto.html?path=%3Ftoken%3Dsecret")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.NotContains(t, err.Error(), "secret")
	proxy.Close()
	_, err = dialConsole(t.Context(), proxy.Client(), proxy.URL+"/vnc_auto.html?path=%3Ftoken%3Dsecret")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.NotContains(t, err.Error(), "secret")
}
