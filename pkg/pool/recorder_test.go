package pool

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		storetest.Stop()
		os.Exit(code)
	}))
}

var start = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

// bench is a recorder whose clock and pools are the test's.
type bench struct {
	*Recorder
	t       *testing.T
	now     time.Time
	elapsed time.Duration
	pools   []Pool
	fail    error
}

func newBench(t *testing.T, db *store.DB) *bench {
	b := &bench{t: t, now: start}
	b.Recorder = NewRecorder(db, func(_ context.Context, now time.Time) (View, error) {
		return View{At: now, Items: b.pools, Total: Pool{ID: "all", Kind: KindTotal}}, b.fail
	})
	b.clock = func() (time.Time, time.Duration) { return b.now, b.elapsed }
	b.set(0)
	return b
}

// set makes a region of 100 vCPUs with so many in use.
func (b *bench) set(used int64) {
	b.pools = []Pool{{ID: "r", Kind: KindRegion, VCPUs: Amount{Level: Level{Capacity: 100, Free: 100 - used}, Used: used}}}
}

func (b *bench) pass(d time.Duration) {
	b.t.Helper()
	b.now, b.elapsed = b.now.Add(d), b.elapsed+d
	require.NoError(b.t, b.Record(b.t.Context()))
}

func (b *bench) samples(metric string) []Sample {
	b.t.Helper()
	var out []Sample
	require.NoError(b.t, b.db.Read.NewSelect().Model(&out).Where("place = 'r' AND metric = ?", metric).Order("at").Scan(b.t.Context()))
	return out
}

func TestSamplesAreWrittenWhenDueOrChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.pass(0)
		for range 9 { // 4.5 minutes
			b.pass(RecordEvery)
		}
		require.Len(t, b.samples("vcpus"), 1, "nothing has changed")
		b.pass(RecordEvery)
		require.Len(t, b.samples("vcpus"), 2, "five minutes are over")
		b.set(1)
		b.pass(RecordEvery)
		require.Len(t, b.samples("vcpus"), 2, "a hundredth is no change")
		b.set(2)
		b.pass(RecordEvery)
		require.Len(t, b.samples("vcpus"), 3)
		require.Equal(t, []int64{100, 2, 98}, []int64{b.samples("vcpus")[2].Capacity, b.samples("vcpus")[2].Used, b.samples("vcpus")[2].Free})
		require.Len(t, b.samples("memory_mib"), 2, "only what has changed is written")

		b.pools[0].Stale = true
		b.pass(SampleEvery)
		require.Len(t, b.samples("vcpus"), 3, "what is not known now is a gap")
		b.fail = errors.New("the database is away")
		require.Error(t, b.Record(t.Context()))
	})
}

func TestClockThatJumps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		b.pass(0)
		for range 10 {
			b.pass(SampleEvery)
		}
		require.Len(t, b.samples("vcpus"), 11)
		b.now = b.now.Add(-time.Hour) // set back: samples of the hour to come are there already
		b.pass(RecordEvery)
		b.pass(RecordEvery)
		require.Len(t, b.samples("vcpus"), 12, "it goes on at its pace")
		b.now = b.now.Add(-30 * time.Second)
		b.pass(0)
		b.pass(0) // the same second twice
		require.LessOrEqual(t, len(b.samples("vcpus")), 13)

		before := b.samples("vcpus")
		b.now = b.now.Add(800 * day) // two years ahead, and back again after half an hour
		for range 60 {
			b.pass(RecordEvery)
		}
		b.now = b.now.Add(-800 * day)
		b.pass(RecordEvery)
		after := b.samples("vcpus")
		require.Subset(t, after, before, "what a wrong clock calls old stays")

		for range 130 { // the clock is right for more than an hour
			b.pass(RecordEvery)
		}
		b.now, b.elapsed = b.now.Add(10*day), b.elapsed+10*day // it just was a long time
		b.pass(0)
		require.Less(t, len(b.samples("vcpus")), len(after))
	})
}

func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBench(t, db)
		for i := range int64(24) { // two hours, busiest at 30 minutes
			b.set(10 + max(0, 6-max(i-6, 6-i))*10)
			b.pass(SampleEvery)
		}
		span := Span{Place: "r", Metric: "vcpus", From: start, To: start.Add(3 * time.Hour), Step: time.Hour}
		s, err := History(t.Context(), db, span)
		require.NoError(t, err)
		require.EqualValues(t, 3600, s.StepSeconds)
		require.Len(t, s.Items, 3, "of the third hour there is its first sample")
		require.Equal(t, Point{At: start.Add(35 * time.Minute), Capacity: 100, Used: 70, Free: 30}, s.Items[0], "an hour is told by its busiest moment")
		span.Step = 0
		s, err = History(t.Context(), db, span)
		require.NoError(t, err)
		require.Len(t, s.Items, 24)
		span.Metric = "raw_bytes"
		s, err = History(t.Context(), db, span)
		require.NoError(t, err)
		require.Empty(t, s.Items)
		require.NotNil(t, s.Items)

		for name, wrong := range map[string]Span{
			"metric": {Place: "r", Metric: "warmth", From: start, To: start.Add(time.Hour)},
			"order":  {Place: "r", Metric: "vcpus", From: start, To: start},
			"step":   {Place: "r", Metric: "vcpus", From: start, To: start.Add(time.Hour), Step: time.Second},
			"points": {Place: "r", Metric: "vcpus", From: start, To: start.Add(400 * day), Step: time.Minute},
		} {
			_, err := History(t.Context(), db, wrong)
			require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err), name)
		}
		is, err := Recorded(t.Context(), db, "r")
		require.NoError(t, err)
		require.True(t, is)
		is, err = Recorded(t.Context(), db, "nowhere")
		require.NoError(t, err)
		require.False(t, is)
	})
}

// model is what thinning leaves, told the simple way.
func model(in []Sample, now time.Time) map[Sample]bool {
	out := map[Sample]bool{}
	type slot struct {
		pool   string
		size   int64
		bucket int64
	}
	best := map[slot]Sample{}
	for _, s := range in {
		size := int64(0)
		switch {
		case s.At < bucket(now.Add(-keepDaily), day):
			continue
		case s.At < bucket(now.Add(-keepHourly), day):
			size = 86400
		case s.At < bucket(now.Add(-keepAll), time.Hour):
			size = 3600
		}
		if size == 0 {
			out[s] = true
			continue
		}
		k := slot{s.Pool, size, s.At / size}
		if b, ok := best[k]; !ok || s.Used > b.Used || s.Used == b.Used && s.At > b.At {
			best[k] = s
		}
	}
	for _, s := range best {
		out[s] = true
	}
	return out
}

// However samples lie, thinning leaves what the model leaves, twice is once, and on the way nothing is lost that would
// have been kept at the end.
func TestThinning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 40 { // each is a transaction that is waited for
				return
			}
			_, err := db.Write.NewDelete().Model((*Sample)(nil)).Where("1 = 1").Exec(t.Context())
			require.NoError(rt, err)
			var in []Sample
			for range rapid.IntRange(1, 60).Draw(rt, "n") {
				age := rapid.SampledFrom([]time.Duration{day, 3 * day, 59 * day, 61 * day, 399 * day, 401 * day}).Draw(rt, "age")
				age += time.Duration(rapid.IntRange(0, 7200).Draw(rt, "s")) * time.Second
				in = append(in, Sample{Place: "r", Pool: rapid.SampledFrom([]string{"", "a"}).Draw(rt, "pool"), Metric: "m", At: start.Add(-age).Unix(),
					Used: rapid.Int64Range(0, 4).Draw(rt, "used")})
			}
			in = unique(in)
			_, err = db.Write.NewInsert().Model(&in).Exec(t.Context())
			require.NoError(rt, err)
			first := start.Add(-time.Duration(rapid.IntRange(0, 100).Draw(rt, "days before")) * day)
			require.NoError(rt, Thin(t.Context(), db, first))
			require.NoError(rt, Thin(t.Context(), db, start))
			once := all(rt, db)
			want := model(in, start)
			require.Len(rt, once, len(want))
			for _, s := range once {
				require.True(rt, want[s], "%+v", s)
			}
			require.NoError(rt, Thin(t.Context(), db, start))
			require.Equal(rt, once, all(rt, db))
		})
	})
}

func unique(in []Sample) []Sample {
	seen := map[Sample]bool{}
	var out []Sample
	for _, s := range in {
		k := s
		k.Used = 0
		if !seen[k] {
			seen[k] = true
			out = append(out, s)
		}
	}
	return out
}

func all(t require.TestingT, db *store.DB) []Sample {
	var out []Sample
	require.NoError(t, db.Read.NewSelect().Model(&out).Order("pool", "metric", "at").Scan(context.Background()))
	return out
}
