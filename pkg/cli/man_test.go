package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyCommand calls f for root and all below it, as far as users are told of them.
func everyCommand(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			everyCommand(c, f)
		}
	}
}

func TestEveryCommandTellsOfItself(t *testing.T) {
	root := newCommand(testApp())
	illustrate(root)
	everyCommand(root, func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		assert.NotEmpty(t, cmd.Short, path)
		if !cmd.HasSubCommands() {
			assert.NotEmpty(t, cmd.Long+cmd.Example, "%s has neither an example nor a long text; put one at the command or into example.go", path)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { assert.NotEmpty(t, f.Usage, "%s --%s", path, f.Name) })
	})
}

// Examples are command lines that exist, of commands that exist.
func TestExamplesAreRight(t *testing.T) {
	root := newCommand(testApp())
	for path := range examples {
		if words := strings.Fields(path); words[0] != "KIND" {
			_, rest, err := root.Find(words)
			require.NoError(t, err, path)
			require.Empty(t, rest, path)
		}
	}
	illustrate(root)
	var script strings.Builder
	everyCommand(root, func(cmd *cobra.Command) { script.WriteString(cmd.Example + "\n") })
	lines := plazaLines(t, script.String())
	require.Greater(t, len(lines), 300)
	for _, args := range lines {
		assert.NoError(t, check(root, args), "plaza %s", strings.Join(args, " "))
	}
}

// plazaLines are the command lines of plaza in a script, as bash takes them apart; nothing else that it names is run.
func plazaLines(t *testing.T, script string) (out [][]string) {
	cmd := exec.CommandContext(t.Context(), "bash", "-c", `PATH=/nonexistent; plaza() { printf '%s\0' "$@" $'\n' >&3; }; exec 3>&1 >/dev/null`+"\n"+script) // #nosec G204 -- our own examples
	cmd.Dir = t.TempDir()
	text, _ := cmd.Output() // the last line's command may not be there
	for line := range strings.SplitSeq(string(text), "\n\x00") {
		if line = strings.TrimSuffix(line, "\x00"); line != "" {
			out = append(out, strings.Split(line, "\x00"))
		}
	}
	return out
}

func TestManual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man")
	a := testApp()
	require.NoError(t, run(a, "man", "--dir", dir))
	pages := 0
	everyCommand(newCommand(testApp()), func(cmd *cobra.Command) {
		pages++
		text, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"))
		require.NoError(t, err)
		require.Contains(t, string(text), ".SH NAME")
	})
	t.Logf("%d pages", pages)
	page, err := os.ReadFile(filepath.Join(dir, "plaza-server-create.1"))
	require.NoError(t, err)
	require.Contains(t, string(page), "--flavor")
	require.Contains(t, string(page), ".SH EXAMPLE")

	var out bytes.Buffer
	a = testApp()
	a.Out = &out
	require.NoError(t, run(a, "man", "server", "create"))
	require.Equal(t, string(page), out.String())
	for _, line := range []string{"man nothing", "man server create --dir " + dir} {
		require.ErrorAs(t, run(testApp(), strings.Fields(line)...), new(*usageError), line)
	}
}

func run(a *app, args ...string) error {
	root := newCommand(a)
	root.SetArgs(args)
	return root.Execute()
}
