package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	var made []time.Time // each day at 03:00 there, from 1 September to 30 November
	for d := time.Date(2026, 9, 1, 3, 0, 0, 0, zone); d.Month() != time.December; d = d.AddDate(0, 0, 1) {
		made = append(made, d.UTC())
	}
	var stay []string
	for i, stays := range (Keep{Last: 2, Daily: 3, Weekly: 3, Monthly: 3}).spare(made, zone) {
		if stays {
			stay = append(stay, made[i].In(zone).Format(time.DateOnly))
		}
	}
	require.Equal(t, []string{"2026-09-30", "2026-10-31", "2026-11-22", "2026-11-28", "2026-11-29", "2026-11-30"}, stay)
	require.ErrorContains(t, (&Keep{}).validate(), "keeps none")
	require.NoError(t, (*Keep)(nil).validate())
}

// TestKeepIsStable makes one after another and removes what need not stay each time: as many stay as each count says, the newest
// among them, and what was removed is not missed later.
func TestKeepIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 4)
		k := Keep{Last: count.Draw(t, "last"), Daily: count.Draw(t, "daily"), Weekly: count.Draw(t, "weekly"), Monthly: count.Draw(t, "monthly")}
		if k == (Keep{}) {
			k.Last = 1
		}
		zone := time.UTC
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
		var all, kept []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "runs") {
			now = now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour)
			all, kept = append(all, now), append(kept, now)
			var left []time.Time
			for i, stays := range k.spare(kept, zone) {
				if stays {
					left = append(left, kept[i])
				}
			}
			kept = left
			require.Equal(t, now, kept[len(kept)-1], "the newest stays")
			require.LessOrEqual(t, len(kept), k.Last+k.Daily+k.Weekly+k.Monthly)
			require.GreaterOrEqual(t, len(kept), min(k.Last, len(all)))
		}
		var want []time.Time
		for i, stays := range k.spare(all, zone) {
			if stays {
				want = append(want, all[i])
			}
		}
		require.Equal(t, want, kept, "as if all had been there at the end")
	})
}
