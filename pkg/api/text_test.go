package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHoldsNUL(t *testing.T) {
	for text, want := range map[string]bool{
		``: false, `{"a":"b"}`: false, `"\u0000"`: true, `"a\u0000b"`: true, `"\\u0000"`: false, `"\\\u0000"`: true, `"\\\\u0000 \u0000"`: true, `"\\u0000\\u0000"`: false, `"\u00001"`: true, `"\u0001"`: false,
	} {
		require.Equal(t, want, holdsNUL([]byte(text)), text)
	}
}
