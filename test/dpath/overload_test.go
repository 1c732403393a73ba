package dpath_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// The load a lane is to be spared. What is short is workers, not processors: 8
// on each of two nodes, kept by a call for 4 × 100 ms at app1, are good for 40
// calls a second.
const (
	workers   = 8
	service   = 100 * time.Millisecond
	capacity  = 2 * workers * int(time.Second/service) / 4
	quietRate = capacity / 4
	times     = 10 // as many in a loud round
	roundTime = 2 * time.Second
	fewest    = 3 // pairs of rounds that say something
	most      = 6 // pairs of rounds
	tolerance = 1.1
)

// round is what a steady flow meets beside a rising one.
type round struct {
	label        string
	loud         bool
	begun, ended time.Time
	stall        time.Duration // the longest that the machine kept anybody waiting
	samples      []sample
}

func (r *rig) round(label, steady, rising string, loud bool) round {
	rate := quietRate
	if loud {
		rate *= times
	}
	out := round{label: label, loud: loud, begun: time.Now()}
	ctx, stop := context.WithTimeout(context.Background(), roundTime)
	defer stop()
	stalled := make(chan time.Duration)
	go func() { stalled <- stall(ctx) }()
	out.samples = r.run(ctx, flow{env: rising, path: chain, method: http.MethodGet, rate: rate, limit: 64},
		flow{env: steady, path: chain, method: http.MethodGet, rate: capacity / 2, limit: 64})
	out.stall, out.ended = <-stalled, time.Now()
	return out
}

// stall measures by how much somebody who sleeps is woken too late.
func stall(ctx context.Context) (longest time.Duration) {
	const nap = 5 * time.Millisecond
	for ctx.Err() == nil {
		begun := time.Now()
		time.Sleep(nap)
		longest = max(longest, time.Since(begun)-nap)
	}
	return longest
}

// pairs alternates quiet and loud rounds until the p99 of env says that loud
// ones are no worse, as it does soon on a machine with little else to do.
func (r *rig) pairs(label, steady, rising string) (rounds []round) {
	for n := 1; n <= most; n++ {
		rounds = append(rounds, r.round(label, steady, rising, false), r.round(label, steady, rising, true))
		if n >= fewest && growth(rounds, steady) <= tolerance {
			break
		}
	}
	return rounds
}

// calm leaves the pairs of rounds in which the machine itself was no obstacle.
func calm(rounds []round) (out []round) {
	const bearable = 4 * service / 10 // a tenth of a call
	for i := 0; i+1 < len(rounds); i += 2 {
		if max(rounds[i].stall, rounds[i+1].stall) < bearable {
			out = append(out, rounds[i], rounds[i+1])
		}
	}
	return out
}

// p99 is the median of the p99 of env's calls in each of the rounds.
func p99(rounds []round, env string, loud bool) time.Duration {
	var each []time.Duration
	for _, r := range rounds {
		if r.loud == loud {
			each = append(each, quantile(r.samples, env, 0.99))
		}
	}
	slices.Sort(each)
	return each[len(each)/2]
}

func growth(rounds []round, env string) float64 {
	return float64(p99(rounds, env, true)) / float64(p99(rounds, env, false))
}

// within fails when env's p99 grew by more than limit, as far as the machine lets one tell.
func within(t *testing.T, rounds []round, env string, limit float64) {
	t.Helper()
	t.Logf("%s, p99 of %q: quiet %v, loud %v in %d rounds", rounds[0].label, env, p99(rounds, env, false), p99(rounds, env, true), len(rounds))
	if growth(rounds, env) <= limit {
		return
	}
	if rounds = calm(rounds); len(rounds) < 2*fewest {
		t.Skipf("the machine itself stalled: only %d rounds were calm", len(rounds))
	}
	require.LessOrEqual(t, growth(rounds, env), limit)
}

// What it is all for: ten times the common calls, more than there are workers
// for, and the lane does not feel it. With the lanes off it does.
func TestT33OverloadSparesTheLane(t *testing.T) {
	r := newRig(t, setup{workers: workers, service: service})
	r.round("", lane, "", true) // opens connections
	rounds := r.pairs("lanes on", lane, "")
	require.Zero(t, r.trespasses())
	for _, o := range rounds {
		common := 0
		for _, s := range o.samples {
			require.NoError(t, s.err)
			if s.env == "" {
				common++
				continue
			}
			require.Equal(t, all(lane), pools(s.nodes))
		}
		const offered = quietRate * times * int(roundTime/time.Second)
		require.True(t, !o.loud || common < offered*9/10, "the common calls were too many: %d of %d found room", common, offered)
	}
	proof := r.prove(20)
	require.NoError(t, proof.Err())
	r.publish(func(d *dpath.Document) { d.Enable = false })
	mixed := []round{r.round("lanes off", lane, "", false), r.round("lanes off", lane, "", true)}
	t.Logf("lanes off: %v, %v", p99(mixed, lane, false), p99(mixed, lane, true))
	require.Greater(t, growth(mixed, lane), tolerance, "without lanes the same load is felt")

	dir := os.Getenv("PLAZA_REPORT_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	picture := plot("Latency of calls while common calls rise tenfold", append(slices.Clone(rounds), mixed...))
	write := func(name string, to func(io.Writer) error) {
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		require.NoError(t, errors.Join(to(f), f.Close()))
	}
	write("dpath-overload.svg", picture.WriteSVG)
	proof.Plots = []verify.Plot{picture}
	write("dpath-evidence.html", proof.WriteHTML)
	within(t, rounds, lane, tolerance)
}

// Ten times the lane's own calls spill over to the public nodes, but no further
// than the common calls can bear: each node takes spillAt calls at most, and a
// common call waits for one of them at worst.
func TestT34SpillIsBounded(t *testing.T) {
	r := newRig(t, setup{workers: workers, service: service, document: func(d *dpath.Document) {
		d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = dpath.PolicySpill, workers
	}})
	r.round("", "", lane, true)
	var rounds []round
	for range fewest {
		rounds = append(rounds, r.round("spill", "", lane, false), r.round("spill", "", lane, true))
	}
	require.Positive(t, r.count("dpath_calls_total", "decision=spill", "app=app1"), "some spilled")
	require.Zero(t, r.trespasses())
	for _, o := range rounds {
		for _, s := range o.samples {
			require.True(t, s.env == lane || s.err == nil, "no common call is lost: %v", s.err)
		}
	}
	within(t, rounds, "", 2)
}
