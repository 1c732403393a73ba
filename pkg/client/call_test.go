package client

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryCallIsFoundByItsPath(t *testing.T) {
	for _, c := range Calls {
		steps := strings.Split(c.Path, "/")
		for i, s := range steps {
			if strings.HasPrefix(s, "{") {
				steps[i] = "group%2Fshop"
			}
		}
		found := FindCall(c.Method, strings.Join(steps, "/"))
		require.NotNil(t, found, c.ID)
		require.Equal(t, c.ID, found.ID)
	}
	require.Equal(t, "enrolHost", FindCall("POST", "/v1/hosts/enrol").ID) // not a host of that name
	require.Equal(t, "application/merge-patch+json", FindCall("PATCH", "/v1/servers/web").Body)
	require.Equal(t, "before", FindCall("GET", "/v1/audit").Next)
	for _, path := range []string{"/v1", "/v1/servers/", "/v1/servers/a/b/c", "/v2/servers", ""} {
		require.Nil(t, FindCall("GET", path), path)
	}
}
