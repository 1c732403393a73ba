package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

// block returns the first fenced block of a language in a document.
func block(t *testing.T, file, language string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "```"+language+"\n")
	require.True(t, found, "%s has no block of %s", file, language)
	code, _, _ := strings.Cut(rest, "```")
	return code
}

func TestBlueprintOfTheGuideIsValid(t *testing.T) {
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	for _, file := range []string{"developer/blueprint.md", "zh/developer/blueprint.md"} {
		_, err := bundle.Parse([]byte(block(t, file, "yaml")), reg)
		require.NoError(t, err, file)
	}
}

func TestRulesOfTheGuideAreValid(t *testing.T) {
	for _, file := range []string{"user/dpath.md", "zh/user/dpath.md"} {
		doc, err := dpath.Parse(strings.NewReader(block(t, file, "json")))
		require.NoError(t, err, file)
		_, err = doc.Validate(&dpath.Registry{
			Apps:   map[string][]dpath.Endpoint{"trade": {{ID: "a", Addr: "10.0.0.1:80"}, {ID: "b", Addr: "10.0.0.2:80"}}},
			Groups: map[string][]string{"retail-lane": {"10.0.0.2:80"}},
		})
		require.NoError(t, err, file)
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)\)`)

// TestLinksLeadSomewhere checks every relative link of the documents.
func TestLinksLeadSomewhere(t *testing.T) {
	files, err := filepath.Glob("../*.md")
	require.NoError(t, err)
	for _, top := range []string{".", "../ansible", "../images"} {
		require.NoError(t, filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasSuffix(path, ".md") {
				files = append(files, path)
			}
			return err
		}))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(file), m[1]))
			require.NoError(t, err, "%s links to %s", file, m[1])
		}
	}
}
