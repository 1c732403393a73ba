package portal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPortal walks the built portal in Chromium against a real plazad; see e2e/run.mjs for the walks.
func TestPortal(t *testing.T) {
	if testing.Short() {
		t.Skip("walks take some minutes")
	}
	npm := tool(t, "npm", "install Node 20 or newer, see https://nodejs.org")
	if os.Getenv("PLAZA_CHROMIUM") == "" {
		tool(t, "chromium", "apt-get install chromium, or name a Chromium with PLAZA_CHROMIUM")
	}
	require.DirExists(t, "node_modules", "the portal's packages are missing: run npm ci in portal, or make portal")
	require.FileExists(t, filepath.Join("dist", "index.html"), "the portal is not built: run make portal")
	out, err := exec.Command(npm, "run", "--silent", "e2e").CombinedOutput() // #nosec G204 -- npm as found in PATH
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
}

func tool(t *testing.T, name, advice string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	require.NoError(t, err, "%s is missing: %s", name, advice)
	return path
}
