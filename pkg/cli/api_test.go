package cli

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/client"
)

// Whatever path is given, a request goes to the server alone, and below its address.
func TestRawRequestsStayAtTheServer(t *testing.T) {
	piece := rapid.SampledFrom([]string{"/", "//", `\`, ":", "@", "..", ".", "%2e", "%2F", "%5c", "?", "#", "&", ";", "=", "http:", "evil.example", "v1", "servers", "é", " ", "\x00", "\n", "[::1]", "healthz"})
	rapid.Check(t, func(t *rapid.T) {
		server := rapid.SampledFrom([]string{"https://plaza.example.net/", "http://127.0.0.1:7710/", "https://example.net/plaza/"}).Draw(t, "server")
		path := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(piece, 1, 8), func(p []string) string { return strings.Join(p, "") })).Draw(t, "path")
		u, err := rawURL(server, path, []string{"project=a/b"})
		if err != nil {
			return
		}
		// As a server reads it: the address as text, taken apart again, and its path without what leads up.
		is, err := url.Parse(u.String())
		if err != nil {
			t.Fatal(err)
		}
		base, _ := url.Parse(server)
		if is.Scheme != base.Scheme || is.Host != base.Host || is.User != nil || !strings.HasPrefix(is.JoinPath().Path, base.Path) || is.Query().Get("project") == "" {
			t.Fatalf("%q becomes %s", path, u)
		}
	})
}

func TestRawPaths(t *testing.T) {
	for path, want := range map[string]string{
		"servers":                  "/v1/servers",
		"/servers/web/":            "/v1/servers/web/",
		"v1/servers":               "/v1/servers",
		"/v2/servers":              "/v2/servers",
		"healthz":                  "/healthz",
		"nodes/group%2Fnorth":      "/v1/nodes/group%2Fnorth",
		"pools/site:north":         "/v1/pools/site:north",
		"servers?limit=2&limit=3":  "/v1/servers?limit=2&limit=3",
		"servers?label=tier%3Dweb": "/v1/servers?label=tier%3Dweb",
	} {
		u, err := rawURL("https://plaza.example.net/", path, nil)
		require.NoError(t, err, path)
		require.Equal(t, want, u.RequestURI(), path)
	}
}

// Tab leads to every operation, a step at a time.
func TestEveryOperationCanBeCompleted(t *testing.T) {
	for _, c := range client.Calls {
		begun := ""
		for i, step := range strings.Split(strings.TrimPrefix(c.Path, "/v1/"), "/") {
			if i > 0 {
				begun += "/"
			}
			offered := stepsFrom(c.Method, begun)
			found := ""
			for _, text := range offered {
				path, doc, _ := strings.Cut(text, "\t")
				if strings.TrimSuffix(path, "/") == begun+step {
					found += doc
				}
			}
			require.NotEmpty(t, offered, "%s %s", c.Method, begun)
			begun += step
			if begun == strings.TrimPrefix(c.Path, "/v1/") {
				require.Equal(t, c.Doc, found, c.ID)
			}
		}
	}
}
