package lab

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cli"
)

// TestPagesHoldRealCommands needs no lab: every block of shell in the documents parses, and every plaza command line in
// them names a noun, a verb and flags that there are.
func TestPagesHoldRealCommands(t *testing.T) {
	lines := 0
	require.NoError(t, filepath.WalkDir(docs, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".md") {
			return err
		}
		page, err := os.ReadFile(path)
		require.NoError(t, err)
		if !fenced.Match(page) {
			return nil
		}
		for _, b := range blocks(t, path) {
			if b.lang != "sh" {
				continue
			}
			for _, args := range plazaLines(asBashSees(t, path, b)) {
				lines++
				require.NoError(t, cli.Check(args), "%s:%d: plaza %s", path, b.line, strings.Join(args, " "))
			}
		}
		return nil
	}))
	require.Greater(t, lines, 100)
}

// TestPagesOfBothLanguagesSayTheSame compares the commands of the pages whose commands are run.
func TestPagesOfBothLanguagesSayTheSame(t *testing.T) {
	for _, page := range []string{"regions.md", "ceph.md", "compute-nodes.md", "bare-metal.md", "benchmarks.md"} {
		commands := func(dir string) (out []string) {
			path := filepath.Join(docs, dir, page)
			for _, b := range blocks(t, path) {
				if b.lang == "sh" {
					out = append(out, asBashSees(t, path, b))
				}
			}
			return out
		}
		require.Equal(t, commands("operator"), commands("zh/operator"), page)
	}
}

// asBashSees lets bash read a block without running it, and returns its commands one a line, without comments.
func asBashSees(t *testing.T, path string, b block) string {
	t.Helper()
	// Names of placeholders, such as DIR, stay words; a function is only defined here, not called.
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "f() {\n"+b.text+"\n}\ndeclare -f f") //nolint:gosec // nothing of it is run
	syntax := exec.CommandContext(t.Context(), "bash", "-n")
	syntax.Stdin = strings.NewReader(b.text)
	out, err := syntax.CombinedOutput()
	require.NoError(t, err, "%s:%d: %s", path, b.line, out)
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, "%s:%d: %s", path, b.line, out)
	return string(out)
}

// commandPlaza is the word plaza where a command begins.
var commandPlaza = regexp.MustCompile(`(?m)(?:^|[|&;(!]|\bdo|\bthen|\buntil|\bwhile|\bif)[ \t]*plaza[ \t]+`)

// plazaLines are the arguments of each plaza command in a script that bash has put in order.
func plazaLines(script string) (out [][]string) {
	for _, at := range commandPlaza.FindAllStringIndex(script, -1) {
		out = append(out, words(script[at[1]:]))
	}
	return out
}

// words splits one simple command as a shell does, up to its end. What would be expanded stands as 1, a file's content as x.
func words(text string) (out []string) {
	var word strings.Builder
	var quote byte
	begun := false
	flush := func() {
		if begun {
			w := word.String()
			if strings.HasPrefix(w, "@") {
				w = "x" // it would be read
			}
			out = append(out, strings.ReplaceAll(w, "=@", "=x"))
		}
		word.Reset()
		begun = false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '$' && c != '\\':
			word.WriteByte(c)
		case c == quote && quote != 0:
			quote = 0
		case c == '\'' || c == '"':
			quote, begun = c, true
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] != '\n' {
				word.WriteByte(text[i])
				begun = true
			}
		case strings.HasPrefix(text[i:], "$@"):
			i++ // as many arguments as there are: none
			begun = word.Len() > 0
		case c == '$':
			i += expansion(text[i:]) - 1
			word.WriteByte('1')
			begun = true
		case c == ' ' || c == '\t':
			flush()
		case strings.IndexByte("\n|&;<>)", c) >= 0:
			if word.String() == "2" && c == '>' { // a redirection's number is no argument
				begun = false
			}
			flush()
			return out
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	flush()
	return out
}

var variable = regexp.MustCompile(`^\$(\{[^}]*\}|\w+|.)`)

// expansion is the length of what begins with a dollar sign.
func expansion(text string) int {
	if !strings.HasPrefix(text, "$(") {
		return max(len(variable.FindString(text)), 1)
	}
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func TestCommandsAreFoundInScripts(t *testing.T) {
	script := `f ()
{
    x=$(plaza node get a/b -o jq=.id);
    until ! plaza region get "$x" -o jq='.a[] | "\(.b)"' | grep -x y; do
        sleep 2;
    done;
    plaza image create a --file @b --label k=@c > /dev/null && plaza whoami
}`
	require.Equal(t, [][]string{{"node", "get", "a/b", "-o", "jq=.id"}, {"region", "get", "1", "-o", `jq=.a[] | "\(.b)"`}, {"image", "create", "a", "--file", "x", "--label", "k=xc"}, {"whoami"}},
		plazaLines(script))
}
