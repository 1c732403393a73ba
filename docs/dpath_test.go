package docs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fence is one fenced block of a page: sh is run, text is what the sh before it prints.
type fence struct{ lang, text string }

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func fences(t *testing.T, file string) (out []fence) {
	t.Helper()
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, m := range fenced.FindAllSubmatch(page, -1) {
		out = append(out, fence{string(m[1]), string(m[2])})
	}
	require.NotEmpty(t, out, file)
	return out
}

// TestWalkthroughOfDpath types a page into a bash, as its reader does, and compares what is printed with what it promises.
func TestWalkthroughOfDpath(t *testing.T) {
	page := fences(t, "user/dpath-walkthrough.md")
	require.Equal(t, page, fences(t, "zh/user/dpath-walkthrough.md"), "the Chinese page has the same commands")

	const mark = "\x1estep " // begins the output of a block; no command prints it
	var script strings.Builder
	for i, b := range page {
		if b.lang == "sh" {
			fmt.Fprintf(&script, "echo '%s'%d\n%s", mark, i, b.text)
		}
	}
	text := script.String()
	require.Equal(t, 1, strings.Count(text, "\np=80\n"))
	out, failure := reader(t, strings.Replace(text, "\np=80\n", "\np="+freePorts(t)+"\n", 1))

	printed, last := map[int]string{}, 0
	for _, part := range strings.Split(out, mark)[1:] {
		number, text, _ := strings.Cut(part, "\n")
		_, err := fmt.Sscan(number, &last)
		require.NoError(t, err)
		printed[last] = text
	}
	for i, b := range page {
		if b.lang != "sh" || failure != nil && i >= last { // what a failure cut short comes last
			continue
		}
		promised := ""
		if i+1 < len(page) && page[i+1].lang == "text" {
			promised = page[i+1].text
		}
		require.Regexp(t, promise(promised), tidy(printed[i]), "printed by\n%s", b.text)
	}
	require.NoError(t, failure, "in\n%s\nafter it printed\n%s", page[last].text, printed[last])
}

// reader runs a script in the checkout, in a process group of its own, of which nothing is left.
func reader(t *testing.T, script string) (stdout string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", script)
	cmd.Dir = ".."
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	// A checkout that is another user's has no version to stamp.
	cmd.Env = append(cmd.Env, "TMPDIR="+dir, "PLAZA_CONFIG="+filepath.Join(dir, "plaza.yaml"), "NO_COLOR=1", "LC_ALL=C", "GOFLAGS=-buildvcs=false")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 10 * time.Second
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	require.NoError(t, cmd.Start())
	group := -cmd.Process.Pid
	t.Cleanup(func() { _ = syscall.Kill(group, syscall.SIGKILL) }) // a page that failed half-way leaves its processes
	if err := cmd.Wait(); err != nil {
		return out.String(), fmt.Errorf("%w: %s%s", err, complaints.String(), logs(dir))
	}
	require.ErrorIs(t, syscall.Kill(group, 0), syscall.ESRCH, "the page ends all that it started")
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, left, "the page removes all that it made")
	return out.String(), nil
}

// logs tells what the programs said.
func logs(dir string) string {
	var b strings.Builder
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.log"))
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && len(text) > 0 {
			fmt.Fprintf(&b, "\n%s: %s", filepath.Base(f), text[max(0, len(text)-2000):])
		}
	}
	return b.String()
}

// freePorts gives what a page's ports can begin with, below those that systems give out themselves.
func freePorts(t *testing.T) string {
	t.Helper()
	for p := 110 + os.Getpid()%100; p < 320; p++ {
		if free(p) {
			return fmt.Sprint(p)
		}
	}
	t.Fatal("no hundred ports are free")
	return ""
}

func free(p int) bool {
	for _, port := range []int{0, 11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44, 51, 52, 53, 54} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 100*p+port))
		if err != nil {
			return false
		}
		if l.Close() != nil {
			return false
		}
	}
	return true
}

var blanks = regexp.MustCompile(`[ \t]+`)

// tidy makes the width of columns not matter.
func tidy(s string) string {
	return strings.ReplaceAll(blanks.ReplaceAllString(strings.TrimSpace(s), " "), " \n", "\n")
}

// promise matches all of a promised text, in which … stands for anything within a line.
func promise(text string) string {
	return `\A` + strings.ReplaceAll(regexp.QuoteMeta(tidy(text)), "…", ".+") + `\z`
}

func TestPromisesAreExact(t *testing.T) {
	require.Regexp(t, promise("A  B\n… s\n"), "A B\n1.2 s")
	for _, other := range []string{"A B\n1.2 s\nmore", "more\nA B\n1.2 s", "A B\n s", "A B\n1\n2 s", "A B"} {
		require.NotRegexp(t, promise("A  B\n… s\n"), other)
	}
}

// A script that fails leaves nothing behind either, and its failure tells what was said.
func TestReaderStopsAtAFailure(t *testing.T) {
	var group int
	t.Run("page", func(t *testing.T) {
		out, err := reader(t, `d=$(mktemp -d); sleep 600 >"$d/sleep.log" 2>&1 & echo "$$"; echo why >"$d/a.log"; false; echo never`)
		require.ErrorContains(t, err, "a.log: why")
		require.NotContains(t, out, "never")
		_, err = fmt.Sscan(out, &group)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(-group, 0), "what the script started still runs")
	})
	require.Eventually(t, func() bool { return errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) || allZombies(group) }, time.Minute, 10*time.Millisecond)
}

// allZombies tells whether all of a group have ended; some inits of containers do not reap orphans.
func allZombies(group int) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		var state string
		var parent, of int
		_, rest, _ := strings.Cut(string(text), ") ")
		if n, _ := fmt.Sscan(rest, &state, &parent, &of); n == 3 && of == group && state != "Z" {
			return false
		}
	}
	return true
}
