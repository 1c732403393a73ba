package kinds_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

func configSpec(format, document, comment string) string {
	text, _ := json.Marshal(kinds.ConfigSpec{Format: format, Document: document, Comment: comment})
	return string(text)
}

func (r *rig) config(name string) kinds.Config {
	r.t.Helper()
	raw, err := r.View(resource.Everything).Get(r.t.Context(), "config", "p", name)
	require.NoError(r.t, err)
	require.NoError(r.t, r.View(resource.Everything).Tally(r.t.Context(), "config", &raw))
	o, err := resource.As[kinds.ConfigSpec, kinds.ConfigStatus](raw)
	require.NoError(r.t, err)
	return o
}

func (r *rig) rollback(name string, version int64) (resource.Applied, error) {
	input, _ := json.Marshal(kinds.RollbackInput{Version: version})
	return r.Act(r.t.Context(), resource.Request{Kind: "config", Project: "p", ID: name, Actor: admin}, "rollback", input)
}

func TestConfigLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.make("config", "p", "rules", configSpec("json", `{"a":1}`, "first"))
	require.Nil(t, a.Operation, "nothing is left to do")
	o := r.config("rules")
	require.Equal(t, resource.PhaseReady, o.Phase)
	require.EqualValues(t, 1, o.Status.Version)
	require.Equal(t, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862", o.Status.Hash)

	r.make("config", "p", "rules", configSpec("json", `{"a":2}`, "second"))
	same := r.make("config", "p", "rules", configSpec("json", `{"a":2}`, "second"))
	require.False(t, same.Changed)
	require.EqualValues(t, 2, r.config("rules").Status.Version, "the same again is no version")

	_, err := r.Apply(t.Context(), resource.Request{Kind: "config", Project: "p", Name: "rules", Labels: map[string]string{"x": "y"}, Actor: admin})
	require.NoError(t, err)
	require.EqualValues(t, 2, r.config("rules").Status.Version, "nor are labels")

	_, err = r.rollback("rules", 2)
	require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err))
	_, err = r.rollback("rules", 9)
	require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
	_, err = r.rollback("rules", 1)
	require.NoError(t, err)
	o = r.config("rules")
	require.EqualValues(t, 3, o.Status.Version)
	require.Equal(t, kinds.ConfigSpec{Format: "json", Document: `{"a":1}`, Comment: "rollback to version 1"}, o.Spec)

	r.refused(resource.ReasonInvalid, "config", "p", "rules", configSpec("json", `{"a":`, ""))
	require.EqualValues(t, 3, r.config("rules").Status.Version, "what is refused leaves no trace")
	versions, err := r.View(resource.Everything).Versions(t.Context(), "config", o.ID)
	require.NoError(t, err)
	require.Len(t, versions, 3)
	require.Equal(t, "rollback", versions[0].Verb)
	require.Equal(t, versions[2].Hash, versions[0].Hash)

	ack := resource.Ack{Subscriber: "till-1", Version: 3, State: resource.AckApplied}
	require.NoError(t, r.Acknowledge(t.Context(), admin, "config", o.ID, ack))
	now := r.config("rules")
	require.Equal(t, kinds.ConfigStatus{Version: 3, Hash: o.Status.Hash, Subscribers: 1, Applied: 1}, now.Status)
	require.Equal(t, o.Version, now.Version, "an acknowledgement does not write the object")
}

func TestConfigIsValidatedWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rules := `{"enable":true,"envRules":[]}`
	for name, good := range map[string]string{
		"json": configSpec("json", ` [1, "two"] `, ""), "yaml": configSpec("yaml", "a: &x 1\nb: *x\n---\n- c\n", ""), "text": configSpec("text", "any: {", ""),
		"dpath": configSpec("dpath", rules, ""), "empty": configSpec("text", "", ""), "large": configSpec("text", strings.Repeat("x", 256<<10), ""),
	} {
		r.make("config", "p", name, good)
	}
	for why, bad := range map[string]string{
		"two values":      configSpec("json", `{} {}`, ""),
		"nothing":         configSpec("json", ``, ""),
		"syntax":          configSpec("yaml", "a: [1", ""),
		"twice":           configSpec("yaml", "a: 1\na: 2\n", ""),
		"no anchor":       configSpec("yaml", "a: *nowhere\n", ""),
		"deep":            configSpec("yaml", strings.Repeat("[", 256<<10), ""),
		"deeper":          configSpec("yaml", strings.Repeat("- ", 128<<10), ""),
		"deep JSON":       configSpec("json", strings.Repeat("[", 256<<10), ""),
		"unknown field":   configSpec("dpath", `{"enable":true,"envRules":[],"colour":1}`, ""),
		"not a rule":      configSpec("dpath", `[]`, ""),
		"too large":       configSpec("text", strings.Repeat("x", 256<<10+1), ""),
		"NUL":             configSpec("text", "a\x00b", ""),
		"unknown format":  configSpec("toml", "a = 1", ""),
		"no format":       configSpec("", "a", ""),
		"too much to say": configSpec("text", "a", strings.Repeat("x", 513)),
	} {
		t.Log(why)
		r.refused(resource.ReasonInvalid, "config", "p", "bad", bad)
	}
	// What unfolds to more than any memory holds is read without unfolding it.
	bomb := "a0: &a0 [x, x]\n"
	for i := 1; i < 60; i++ {
		n, m := string(rune('a'+i%26))+strings.Repeat("z", i/26+1), string(rune('a'+(i-1)%26))+strings.Repeat("z", (i-1)/26+1)
		if i == 1 {
			m = "a0"
		}
		bomb += n + ": &" + n + " [*" + m + ", *" + m + "]\n"
	}
	r.make("config", "p", "bomb", configSpec("yaml", bomb, ""))
}
