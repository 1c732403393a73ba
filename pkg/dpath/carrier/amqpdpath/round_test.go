package amqpdpath

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDelaysAreRoundedUpToFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(1, 1<<40).Draw(t, "ms")
		up := roundUp(ms)
		require.GreaterOrEqual(t, up, ms)
		require.LessOrEqual(t, up, ms+ms/8)
		require.Equal(t, up, roundUp(up))
	})
	different := map[int64]bool{}
	for ms := int64(1); ms <= 86_400_000; ms += 997 {
		different[roundUp(ms)] = true
	}
	require.Less(t, len(different), 200, "queues for every delay up to a day")
}
