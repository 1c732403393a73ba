package money

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProrateSharesSumExactly(t *testing.T) {
	shares, err := Prorate(1000, []int64{1, 1, 1})
	require.NoError(t, err)
	require.Equal(t, []int64{334, 333, 333}, shares)

	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, math.MaxInt64).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/64), 1, 40).Draw(t, "weights")
		weights[0]++
		shares, err := Prorate(total, weights)
		require.NoError(t, err)
		sum, err := Sum(shares...)
		require.NoError(t, err)
		require.Equal(t, total, sum)
		for i, s := range shares {
			require.GreaterOrEqual(t, s, int64(0))
			if weights[i] == 0 {
				require.Zero(t, s)
			}
		}
	})
}

func TestOverflowIsAnError(t *testing.T) {
	_, err := Times(math.MaxInt64/2+1, 2)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = Sum(math.MaxInt64, 1)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = Sum(math.MinInt64, -1)
	require.ErrorIs(t, err, ErrOverflow)
	v, err := Times(math.MaxInt64, 1)
	require.NoError(t, err)
	require.EqualValues(t, math.MaxInt64, v)
}
