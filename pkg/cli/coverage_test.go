package cli_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cli"
	"github.com/plazacloud/plaza/pkg/client"
)

// unreached are the operations that no command is for, and why not.
var unreached = map[string]string{
	"enrolHost": "plaza-agent enrol calls it on the new host, with a one-time token in place of a session",
}

// counters tell what the servers of this run were asked, by the script that each was started for.
var counters sync.Map // string → *prometheus.Registry

// counted is where a server counts the requests that it answers.
func counted(t testing.TB) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	counters.Store(path.Base(t.Name()), reg)
	return reg
}

const verbsOfKinds = "verbs-of-kinds"

// runVerbsOfKinds runs the verbs that every kind has, and the actions of each, on an object that is not there: what matters
// is that a command asks for the operation. What they do is told by the scripts, and by the tests of the API.
func runVerbsOfKinds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"PLAZA_SERVER": serve(t), "PLAZA_CONFIG": filepath.Join(dir, "contexts"), "PLAZA_PASSWORD": password, "PLAZA_PROJECT": shop}
	plaza := func(args ...string) {
		var said bytes.Buffer
		code := cli.Run(t.Context(), args, cli.Env{In: strings.NewReader(""), Out: &said, Err: &said, Getenv: func(name string) string { return env[name] }, Now: time.Now, Version: "test"})
		if code == 2 { // wrong usage: it asked for nothing
			t.Logf("plaza %s: %s", strings.Join(args, " "), &said)
		}
	}
	plaza("login", "--user", "admin")
	for _, n := range client.Nouns {
		file := filepath.Join(dir, n.Name+".yaml")
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "kind: %s\nname: x\nspec: {}\n", n.Name), 0o600))
		plaza(n.Name, "list")
		plaza(n.Name, "get", "x")
		plaza(n.Name, "create", "x", "--spec", "{}", "--dry-run")
		plaza("apply", "-f", file, "--dry-run")
		plaza(n.Name, "label", "x", "a=b")
		plaza(n.Name, "delete", "x", "--dry-run")
		plaza(n.Name, "history", "x")
		plaza(n.Name, "operations", "x")
		for _, act := range n.Actions {
			plaza(append([]string{n.Name, act.Name, "x"}, arguments[n.Name+" "+act.Name]...)...)
		}
	}
}

// arguments are those that actions with commands of their own can not do without.
var arguments = map[string][]string{"config rollback": {"1"}}

// requireEveryOperationReached fails for an operation of the API that none of the commands asked for, apart from raw calls.
func requireEveryOperationReached(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	reached := map[string]bool{}
	for _, s := range append(scripts, verbsOfKinds) {
		reg, ran := counters.Load(strings.TrimSuffix(path.Base(s), ".txtar"))
		if !ran || t.Failed() {
			t.Logf("%s did not run to its end: what operations are reached is not known", s)
			return
		}
		if text, err := os.ReadFile(s); err == nil && rawCall.Match(text) {
			continue
		}
		for _, op := range answered(t, reg.(*prometheus.Registry)) {
			reached[op] = true
		}
	}
	operations := documented(t)
	var missing []string
	for op, id := range operations {
		if !reached[op] && unreached[id] == "" {
			missing = append(missing, id+": "+op)
		}
		assert.False(t, reached[op] && unreached[id] != "", "%s is reached: it is no exception any more", id)
	}
	slices.Sort(missing)
	assert.Empty(t, missing, "operations that no command asks for; write the command and a script with it:\n%s", strings.Join(missing, "\n"))
	ids := slices.Collect(maps.Values(operations))
	for id := range unreached {
		assert.Contains(t, ids, id, "an exception that is no operation")
	}
	t.Logf("%d operations, %d without a command", len(operations), len(unreached))
}

var (
	rawCall  = regexp.MustCompile(`\bplaza api\b`)
	variable = regexp.MustCompile(`:([a-zA-Z]+)`)
)

// answered lists operations as METHOD /path/{id}, of requests that a route was found for.
func answered(t *testing.T, reg *prometheus.Registry) (out []string) {
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != "plaza_http_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			label := map[string]string{}
			for _, l := range m.GetLabel() {
				label[l.GetName()] = l.GetValue()
			}
			out = append(out, label["method"]+" "+variable.ReplaceAllString(label["route"], "{$1}"))
		}
	}
	return out
}

// documented are the ids of all operations of the API, by METHOD /path/{id}.
func documented(t *testing.T) map[string]string {
	text, err := os.ReadFile("../api/openapi.yaml")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `yaml:"operationId"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &doc))
	out := map[string]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			out[strings.ToUpper(method)+" "+path] = op.ID
		}
	}
	require.Greater(t, len(out), 250)
	return out
}
