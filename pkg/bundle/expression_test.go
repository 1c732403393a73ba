package bundle

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]part{
		"":                     nil,
		"plain $ { }":          {{text: "plain $ { }"}},
		"${a}":                 {{text: "a", expr: true}},
		"x-${ a }-y":           {{text: "x-"}, {text: "a", expr: true}, {text: "-y"}},
		"$${name} ${a}":        {{text: "${name} "}, {text: "a", expr: true}},
		"$$${a}":               {{text: "$${a}"}},
		"${ {'k': {'n': 1}} }": {{text: "{'k': {'n': 1}}", expr: true}},
		"${'}'}${\"{\"}":       {{text: "'}'", expr: true}, {text: "\"{\"", expr: true}},
		"${'it\\'s }'}!":       {{text: "'it\\'s }'", expr: true}, {text: "!"}},
		"${a}${b}":             {{text: "a", expr: true}, {text: "b", expr: true}},
	} {
		got, err := split(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"${", "${a", "${'}", "${ {'a': 1 }", "x ${\"\\"} {
		_, err := split(text)
		require.ErrorContains(t, err, "not closed", text)
	}
}

func TestNoTextMakesItPanic(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"$", "{", "}", "${", "$${", "'", "\"", "\\", "a", " ", "params.x", "resources.net.id", "[0]", "+", "1", "."})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(pieces, 0, 12).Draw(t, "pieces") {
			text += p
		}
		text += rapid.StringN(0, 6, 12).Draw(t, "tail")
		parts, err := split(text)
		if err == nil && len(parts) == 0 {
			require.Empty(t, text)
		}
		_, _ = referred(text)
		_, _ = fillString(text, values{Params: map[string]any{"x": int64(1)}})
	})
}

func TestFillKeepsTypes(t *testing.T) {
	v := values{Params: map[string]any{"name": "shop", "list": []any{"a", "b"}, "on": true}, Size: map[string]any{"n": int64(3)}, Local: map[string]any{}, Bundle: map[string]any{"name": "b"}, Resources: map[string]any{}}
	for text, want := range map[string]any{
		"${size.n}":                   int64(3),
		"n=${size.n}":                 "n=3",
		"${size.n * 2}":               int64(6),
		"${params.on}":                true,
		"${params.list}":              []any{"a", "b"},
		"${toJson(params.list)}":      `["a","b"]`,
		"${'a\\nb'.indent(2)}":        "a\n  b",
		"${params.list[1]}.${'x'}":    "b.x",
		"${lists.range(2).map(i, i)}": []any{float64(0), float64(1)},
		"${hmacSha256('k', 't')}":     "b6b6e0ef5b8cd3a7a1a5e1a2",
		"$${name}":                    "${name}",
	} {
		got, err := fillString(text, v)
		require.NoError(t, err, text)
		if text == "${hmacSha256('k', 't')}" {
			require.Len(t, got, 64)
			continue
		}
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"${params.none}", "${params.list[7]}", "${resources.net.id}"} {
		_, err := fillString(text, v)
		require.ErrorIs(t, err, errUnknown, text)
	}
	for _, text := range []string{"${1 +}", "${nobody}", "${params.name + 1}", "${1/0}"} {
		_, err := fillString(text, v)
		require.Error(t, err, text)
		require.NotErrorIs(t, err, errUnknown, text)
	}
}
