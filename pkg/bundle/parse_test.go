package bundle

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func parse(text string) (*Blueprint, error) {
	reg := resource.NewRegistry()
	resource.Register(reg, (&rig{}).thing())
	return Parse([]byte(text), reg)
}

const frame = "name: b\nversion: 1.0.0\nsizes: {S: {description: s, values: {n: 1}}}\n"

func TestGraphOrder(t *testing.T) {
	b, err := parse(frame + `
resources:
  a: {kind: thing, spec: {ref: "${resources.c.id}"}}
  b: {kind: thing, name: "x-${resources.a.name}", spec: {}}
  c: {kind: thing, spec: {}}
  d: {kind: thing, when: resources.b.status.secret, labels: {l: "${resources.c.name}"}, spec: {}}
`)
	require.NoError(t, err)
	require.Equal(t, []string{"c", "a", "b", "d"}, b.order)
	require.Equal(t, []string{"b", "c"}, b.deps["d"])
}

func TestMistakesAreNamedByPath(t *testing.T) {
	thing := "resources: {a: {kind: thing, spec: {}}}\n"
	for name, c := range map[string]struct{ text, path, message string }{
		"cycle":      {frame + `resources: {a: {kind: thing, spec: {ref: "${resources.b.id}"}}, b: {kind: thing, spec: {ref: "${resources.a.id}"}}}`, "resources.", "refers to itself"},
		"itself":     {frame + `resources: {a: {kind: thing, spec: {ref: "${resources.a.id}"}}}`, "resources.a", "not there"},
		"absent":     {frame + `resources: {a: {kind: thing, spec: {ref: "${resources.z.id}"}}}`, "resources.a", "resources.z"},
		"kind":       {frame + `resources: {a: {kind: nothing, spec: {}}}`, "resources.a.kind", "there is no kind"},
		"key":        {frame + `resources: {Big: {kind: thing, spec: {}}}`, "resources.Big", "lower-case"},
		"expression": {frame + `resources: {a: {kind: thing, spec: {ref: "${1 +}"}}}`, "resources.a", "expression"},
		"open":       {frame + `resources: {a: {kind: thing, spec: {ref: "${a"}}}`, "resources.a", "not closed"},
		"when":       {frame + `resources: {a: {kind: thing, when: "1 +", spec: {}}}`, "resources.a", "expression"},
		"no size":    {"name: b\nversion: 1\n" + thing, "resources", "one size"},
		"no name":    {strings.Replace(frame, "name: b", "name: ''", 1) + thing, "name", "needed"},
		"type":       {frame + thing + "parameters: {p: {type: text}}", "parameters.p.type", "string, integer or boolean"},
		"pattern":    {frame + thing + "parameters: {p: {type: string, pattern: '('}}", "parameters.p.pattern", "missing"},
		"default":    {frame + thing + "parameters: {p: {type: integer, default: seven}}", "parameters.p.default", "is integer"},
		"local":      {frame + thing + `locals: [{name: l, value: "${resources.a.id}"}]`, "locals.l", "before there are resources"},
		"output":     {frame + thing + `outputs: {o: "${resources.z.id}"}`, "outputs.o", "not there"},
		"health":     {frame + thing + `health: {url: "${nobody}"}`, "health.url", "expression"},
		"dpath":      {frame + thing + `dpath: {entry: "${resources.q.id}"}`, "dpath.entry", "not there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(c.text)
			var p *resource.Problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, resource.ReasonInvalid, p.Reason)
			require.NotEmpty(t, p.Fields)
			require.Contains(t, p.Fields[0].Path, c.path)
			require.Contains(t, p.Fields[0].Message, c.message)
		})
	}
	_, err := parse(frame + thing + "colour: red\n")
	require.ErrorContains(t, err, "colour")
	_, err = parse("\tnot yaml")
	require.Error(t, err)
}
