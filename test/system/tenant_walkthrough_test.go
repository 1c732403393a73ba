package system

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/test/system/rig"
)

// fence is one fenced block of a page: sh is run, text are lines that the sh before it prints, in which … stands for anything.
type fence struct{ lang, text string }

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func fences(t *testing.T, file string) (out []fence) {
	t.Helper()
	page, err := os.ReadFile(file) //nolint:gosec // of this checkout
	require.NoError(t, err)
	for _, m := range fenced.FindAllSubmatch(page, -1) {
		out = append(out, fence{string(m[1]), string(m[2])})
	}
	require.NotEmpty(t, out, file)
	return out
}

// TestWalkthroughOfTenants types a page into a bash, as somebody does who was invited, with a real server at the end of it.
func TestWalkthroughOfTenants(t *testing.T) {
	t.Parallel()
	page := fences(t, "../../docs/user/tenant-walkthrough.md")
	require.Equal(t, page, fences(t, "../../docs/zh/user/tenant-walkthrough.md"), "the Chinese page has the same commands")

	p := rig.NewPlane(t, rig.PlaneOptions{})
	h := p.AddHost(t, "h1", rig.HostOptions{})
	p.Create(t, "flavors", "", "small", tiny)
	p.AddGuest(t, "debian-12", "")
	p.Patch(t, "hosts", h.ID, "30s", m{"floatingCIDRs": []string{"198.51.100.84/30"}})
	dir := invited(t, p)
	approve(t, p, filepath.Join(dir, listed))
	out, failure := types(t, dir, strings.ReplaceAll(typed(page), "https://cloud.example.net:7710", p.Base()))

	printed, last := map[int]string{}, 0
	for _, part := range strings.Split(out, mark)[1:] {
		number, text, _ := strings.Cut(part, "\n")
		_, err := fmt.Sscan(number, &last)
		require.NoError(t, err)
		printed[last] = text
	}
	require.NoError(t, failure, "in\n%s\nafter it printed\n%s", page[last].text, printed[last])
	for i, b := range page {
		if b.lang == "text" {
			require.Empty(t, unprinted(b.text, printed[i-1]), "a line is promised that is not printed by\n%s\nbut\n%s", page[i-1].text, printed[i-1])
		}
	}
	require.Empty(t, h.Domains(t), "the page removes all that it made")
	require.Empty(t, h.Networks())
}

// invited is the desk of somebody who has an invitation to a project that may have two volumes.
func invited(t *testing.T, p *rig.Plane) (dir string) {
	t.Helper()
	type node struct{ ID string }
	group := rig.Call[node](t, p.Client, http.MethodPost, "/v1/nodes", m{"type": "group", "name": "freshfoods"})
	shop := rig.Call[node](t, p.Client, http.MethodPost, "/v1/nodes", m{"type": "project", "name": "shop", "parent": group.ID})
	rig.Call[any](t, p.Client, http.MethodPut, "/v1/quotas/volumes?node="+shop.ID, m{"hard": 2})
	made := rig.Call[struct{ Token string }](t, p.Client, http.MethodPost, "/v1/invitations", m{"role": "member", "node": shop.ID})
	dir = rig.Dir(t, "w")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "invitation"), []byte(made.Token+"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "password"), []byte("correct horse battery\n"), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "bin", "plaza"), "github.com/plazacloud/plaza/cmd/plaza") //nolint:gosec // a fixed program
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return dir
}

// approve lets an administrator approve what is asked for from the time on that a file is there, until the test ends.
func approve(t *testing.T, p *rig.Plane, from string) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if _, err := os.Stat(from); err != nil {
				pause(ctx)
				continue
			}
			var open struct{ Items []struct{ ID string } }
			a, err := p.Do(ctx, http.MethodGet, "/v1/requests?field=status.state%3Dopen", nil)
			if err == nil && json.Unmarshal(a.Body, &open) == nil {
				for _, r := range open.Items {
					_, _ = p.Do(ctx, http.MethodPost, "/v1/requests/"+r.ID+"/approve", m{"note": "as in spring"}) // else it is open still
				}
			}
			pause(ctx)
		}
	}()
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(500 * time.Millisecond):
	}
}

// mark begins the output of a block; no command prints it. The file listed is there once requests were listed: a page that
// shows one that is open must not be too late for it.
const (
	mark   = "\x1eblock "
	listed = "listed"
	typist = `plaza() { command plaza "$@" && if [ "${*:1:2}" = "request list" ]; then : >listed; fi; }`
)

func typed(page []fence) string {
	var script strings.Builder
	script.WriteString(typist + "\n")
	for i, b := range page {
		if b.lang == "sh" {
			fmt.Fprintf(&script, "echo '%s'%d\n%s", mark, i, b.text)
		}
	}
	return script.String()
}

// types runs a script as the invited's bash does, and returns what it prints.
func types(t *testing.T, dir, script string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", script) //nolint:gosec // what the page says
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "PLAZA_CONFIG="+filepath.Join(dir, "plaza.yaml"), "NO_COLOR=1", "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var blanks = regexp.MustCompile(`\s+`)

// unprinted is the first line that is promised and not printed, in the order of the lines; the width of columns does not matter.
func unprinted(promised, printed string) string {
	rest := blanks.ReplaceAllString(printed, " ")
	for line := range strings.Lines(promised) {
		line = strings.TrimSpace(blanks.ReplaceAllString(line, " "))
		at := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*?")).FindStringIndex(rest)
		if at == nil {
			return line
		}
		rest = rest[at[1]:]
	}
	return ""
}

func TestPromisesOfThePageAreLookedFor(t *testing.T) {
	require.Empty(t, unprinted("a  b\nc … e\n", "x a b\nc   d e"))
	require.Equal(t, "a b", unprinted("c\na b\n", "a b\nc\n"))
}
