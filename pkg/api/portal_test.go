package api

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestPortalFilesTravelCompressed(t *testing.T) {
	script := strings.Repeat("let plaza = 1;\n", 200)
	s, err := New(Config{Registry: resource.NewRegistry(), Portal: fstest.MapFS{"index.html": {Data: []byte("<html>")}, "assets/app.js": {Data: []byte(script)}}})
	require.NoError(t, err)
	get := func(accept string) *http.Response {
		req := httptest.NewRequest(http.MethodGet, "/assets/app.js", nil)
		req.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		return w.Result()
	}
	for range 2 {
		packed := get("br, gzip")
		require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
		require.Contains(t, packed.Header.Get("Content-Type"), "javascript")
		r, err := gzip.NewReader(packed.Body)
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, script, string(text))
	}
	plain := get("")
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	text, err := io.ReadAll(plain.Body)
	require.NoError(t, err)
	require.Equal(t, script, string(text))
}
