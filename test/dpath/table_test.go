package dpath_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table of cases names tests that there are, and all that this package has.
func TestTableOfCases(t *testing.T) {
	const top = "../.."
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	listed, cases := map[string]bool{}, map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^//\tT(\d\d)\s+(\S+)\s+(Test\w+)$`).FindAllStringSubmatch(string(text), -1) {
		cases[line[1]], listed[line[3]] = true, true
		require.Contains(t, tests(t, filepath.Join(top, line[2])), line[3])
	}
	for i := 1; i <= 40; i++ {
		unused := slices.Contains([]int{15, 23, 31, 38}, i)
		require.Equal(t, !unused, cases[fmt.Sprintf("%02d", i)], "T%02d", i)
	}
	for _, name := range tests(t, ".") {
		require.True(t, listed[name] || name == "TestTableOfCases", "%s is not in the table", name)
	}
}

// tests lists the test functions in a folder.
func tests(t *testing.T, dir string) (names []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	return names
}
