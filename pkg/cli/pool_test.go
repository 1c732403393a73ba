package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/client"
)

func TestRoomRatioAndDays(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1 KiB", 1536: "1.5 KiB", 1 << 30: "1 GiB", 1<<40 - 1: "1023.9 GiB", 1<<63 - 1: "7.9 EiB"} {
		require.Equal(t, want, room(n))
	}
	for n, want := range map[int64]string{0: "0", 1000: "1", 1500: "1.5", 16000: "16", 11636: "11.636", 10000: "10"} {
		require.Equal(t, want, ratio(n))
	}
	d, err := days("30d")
	require.NoError(t, err)
	require.Equal(t, 720*time.Hour, d)
	for _, wrong := range []string{"", "d", "0d", "-1h", "99999d", "soon"} {
		_, err := days(wrong)
		require.Error(t, err, wrong)
	}
}

func TestSketchShowsGapsAndPeaks(t *testing.T) {
	from := time.Date(2031, 5, 6, 0, 0, 0, 0, time.UTC)
	at := func(minute int, used, capacity int64) client.Point {
		return client.Point{At: from.Add(time.Duration(minute) * time.Minute), Used: used, Free: capacity - used, Capacity: capacity}
	}
	s := client.Series{Metric: "vcpus", Items: []client.Point{at(0, 0, 8), at(1, 4, 8), at(2, 8, 8), at(2, 1, 8), at(4, 12, 8), at(5, 3, 0), at(30, 2, 8), at(36, 6, 8), at(55, 6, 8)}}
	lines := strings.Split(sketch(s, from, from.Add(time.Hour)), "\n")
	require.Equal(t, "|▁▅█▂█▁"+strings.Repeat(" ", 24)+"▃▃▃▃▃▃▇"+strings.Repeat(" ", 18)+"▇▇▇▇▇|", lines[1],
		"60 slots of a minute, the busiest moment of each; one holds for ten minutes; more than there is, and nothing that there is, fit too")
	require.Equal(t, "now 6 of 8 used, 2 free; least 0 at 2031-05-06 00:00:00Z, most 12 at 2031-05-06 00:04:00Z", lines[2])
	part := "public"
	require.Equal(t, "addresses of public: nothing was recorded in that time", sketch(client.Series{Metric: "addresses", Pool: &part}, from, from.Add(time.Hour)))
}
