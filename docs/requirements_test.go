// Package docs_test keeps the documents true.
package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asked are the ids of the requirements and how many there are of each sort, in the order of the table.
var asked = []struct {
	sort  string
	count int
}{{"I", 24}, {"M", 18}, {"W", 59}, {"D", 10}, {"Q", 4}, {"N", 9}}

type requirement struct{ id, what, state, proof string }

func TestEveryRequirementHasOneRow(t *testing.T) {
	rows := requirements(t)
	var want, have []string
	for _, a := range asked {
		for i := range a.count {
			want = append(want, fmt.Sprintf("%s%d", a.sort, i+1))
		}
	}
	for _, r := range rows {
		have = append(have, r.id)
		require.NotEmpty(t, r.what, r.id)
		require.NotEmpty(t, r.proof, r.id)
		require.Contains(t, []string{"works", "partial", "not yet"}, r.state, r.id)
	}
	require.Equal(t, want, have)
	require.Len(t, have, 124)
}

var (
	path   = regexp.MustCompile(`(?:^|[\s(])((?:agents|ansible|bundles|cmd|deploy|docs|images|pkg|portal|test)/[\w./-]*\w)`)
	target = regexp.MustCompile("`make ([a-z-]+)`")
)

func TestProofsExist(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	for _, r := range requirements(t) {
		files, targets := path.FindAllStringSubmatch(r.proof, -1), target.FindAllStringSubmatch(r.proof, -1)
		for _, f := range files {
			require.FileExists(t, existing(f[1]), "%s names %s", r.id, f[1])
		}
		for _, m := range targets {
			require.Contains(t, string(makefile), "\n"+m[1]+":", "%s names make %s", r.id, m[1])
		}
		if r.state != "not yet" {
			require.NotEmpty(t, append(files, targets...), "%s is %s without a proof", r.id, r.state)
		}
	}
}

// existing is the file itself or, for a folder, any file in it.
func existing(name string) string {
	name = filepath.Join("..", name)
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		if entries, err := filepath.Glob(filepath.Join(name, "*.*")); err == nil && len(entries) > 0 {
			return entries[0]
		}
	}
	return name
}

func requirements(t *testing.T) []requirement {
	t.Helper()
	text, err := os.ReadFile("requirements.md")
	require.NoError(t, err)
	var rows []requirement
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") || len(cells) < 2 || strings.TrimSpace(cells[0]) == "id" {
			continue
		}
		require.Len(t, cells, 4, line)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, requirement{cells[0], cells[1], cells[2], cells[3]})
	}
	return rows
}
