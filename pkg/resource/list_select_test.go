package resource_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/resource"
)

// parts are names that a field may have, some of which JSON writes in another way.
var parts = []string{"id", "name", "spec", "a.b", `q"uote`, "tab\t", "路径", "x"}

func anything(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.SampledFrom([]any{nil, true, false, "", json.Number("1e400"), json.Number("12345678901234567890"), "]}", `\"`}))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return anything(depth - 1) }), 0, 3), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom(parts), rapid.Deferred(func() *rapid.Generator[any] { return anything(depth - 1) }), 0, 5), func(m map[string]any) any { return m }))
}

func selections(depth int) *rapid.Generator[resource.Selection] {
	if depth == 0 {
		return rapid.Just[resource.Selection](nil)
	}
	within := rapid.Deferred(func() *rapid.Generator[resource.Selection] { return selections(depth - 1) })
	return rapid.Map(rapid.MapOfN(rapid.SampledFrom(parts), within, 0, 4), func(m map[string]resource.Selection) resource.Selection { return m })
}

// selected is what a selection leaves of a value: by its meaning rather than its text.
func selected(s resource.Selection, v any) any {
	switch v := v.(type) {
	case []any:
		if len(s) > 0 {
			v = slices.Clone(v)
			for i := range v {
				v[i] = selected(s, v[i])
			}
		}
		return v
	case map[string]any:
		if len(s) == 0 {
			return v
		}
		out := map[string]any{}
		for name, within := range s {
			if inner, ok := v[name]; ok {
				out[name] = selected(within, inner)
			}
		}
		return out
	}
	return v
}

func TestCutIsWhatIsSelected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.SampledFrom(parts), anything(3), 0, 6).Draw(t, "object")
		s := selections(3).Draw(t, "selection")
		text, err := json.Marshal(object)
		require.NoError(t, err)
		if rapid.Bool().Draw(t, "indented") {
			text, err = json.MarshalIndent(object, " ", "\t")
			require.NoError(t, err)
		}
		want, err := json.Marshal(selected(s, object))
		require.NoError(t, err)
		before := []byte(`[1,`)
		got := s.Cut(slices.Clone(before), text)
		require.True(t, bytes.HasPrefix(got, before))
		got = got[len(before):]
		require.True(t, json.Valid(got), "%s", got)
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, got))
		require.Equal(t, numbered(t, want), numbered(t, compact.Bytes()), "of %s", text)
	})
}

// numbered keeps numbers as they are written.
func numbered(t *rapid.T, text []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}
