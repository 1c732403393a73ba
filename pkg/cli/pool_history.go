package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type poolHistoryOptions struct {
	pool, since, step string
}

var poolMetrics = []string{"vcpus", "memory_mib", "disk_gib", "volume_gib", "raw_bytes", "storage_bytes", "addresses", "machines"}

func newPoolHistoryCommand(a *app) *cobra.Command {
	var o poolHistoryOptions
	cmd := &cobra.Command{Use: "history PLACE METRIC", Short: "Show how a metric of a place went: " + strings.Join(poolMetrics, ", "), Args: cobra.ExactArgs(2),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return poolMetrics, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completePlaces(cmd, args, begun)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPoolHistory(cmd.Context(), a, o, args[0], args[1])
		}}
	f := cmd.Flags()
	f.StringVar(&o.pool, "pool", "", "only of this storage pool, external network or class of machines")
	f.StringVar(&o.since, "since", "24h", "how far back, such as 90m, 24h or 30d")
	f.StringVar(&o.step, "step", "", "time between points, such as 5m, 1h or 1d; about 240 points without it")
	return cmd
}

func runPoolHistory(ctx context.Context, a *app, o poolHistoryOptions, place, metric string) error {
	since, err := days(o.since)
	if err != nil {
		return err
	}
	to := a.Now().UTC().Truncate(time.Second)
	from := to.Add(-since)
	q := &client.ListPoolHistoryParams{Place: &place, Metric: client.ListPoolHistoryParamsMetric(metric), From: &from, To: &to}
	if o.pool != "" {
		q.Pool = &o.pool
	}
	if o.step != "" {
		step, err := days(o.step)
		if err != nil {
			return err
		}
		seconds := int64(step / time.Second)
		q.Step = &seconds
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	s, err := client.Read[client.Series](c.ListPoolHistory(ctx, q))
	if err != nil {
		return err
	}
	r := report{header: []string{"AT", "USED", "FREE", "CAPACITY"}, data: s}
	for _, p := range s.Items {
		r.add(stamp(&p.At), stamp(&p.At), fmt.Sprint(p.Used), fmt.Sprint(p.Free), fmt.Sprint(p.Capacity))
	}
	if a.plain() {
		fmt.Fprintln(a.Out, sketch(s, from, to))
		if a.o.output == "table" {
			return nil
		}
	}
	return a.print(r)
}

const (
	sparkWidth = 60
	// sampledWithin is how long a sample stands for what follows: one is due every five minutes.
	sampledWithin = 10 * time.Minute
)

// sketch draws use as part of the capacity over time, a gap where nothing is known, and tells the figures of note.
func sketch(s client.Series, from, to time.Time) string {
	name := s.Metric
	if part := value(s.Pool); part != "" {
		name += " of " + part
	}
	if len(s.Items) == 0 {
		return name + ": nothing was recorded in that time"
	}
	slots := make([]int64, sparkWidth) // thousandths of the capacity, and 1 so that 0 means a gap
	slot := func(at time.Time) int {
		return max(min(int(int64(at.Sub(from))*sparkWidth/max(int64(to.Sub(from)), 1)), sparkWidth-1), 0)
	}
	holds := max(2*time.Duration(s.StepSeconds)*time.Second, sampledWithin)
	least, most := s.Items[0], s.Items[0]
	for i, p := range s.Items {
		full := int64(1)
		if p.Capacity > 0 {
			full += min(max(p.Used, 0), p.Capacity) * 1000 / p.Capacity
		}
		at, until, end := slot(p.At), to, sparkWidth
		if i+1 < len(s.Items) {
			until, end = s.Items[i+1].At, slot(s.Items[i+1].At)
		}
		slots[at] = max(slots[at], full)
		for x := at + 1; x < end && until.Sub(p.At) <= holds; x++ {
			slots[x] = full
		}
		if p.Used < least.Used {
			least = p
		}
		if p.Used > most.Used {
			most = p
		}
	}
	bars := []rune("▁▂▃▄▅▆▇█")
	var line strings.Builder
	for _, full := range slots {
		if full == 0 {
			line.WriteRune(' ')
			continue
		}
		line.WriteRune(bars[min((full-1)*int64(len(bars))/1000, int64(len(bars)-1))])
	}
	last := s.Items[len(s.Items)-1]
	return fmt.Sprintf("%s from %s to %s\n|%s|\nnow %d of %d used, %d free; least %d at %s, most %d at %s", name, stamp(&from), stamp(&to), line.String(),
		last.Used, last.Capacity, last.Free, least.Used, stamp(&least.At), most.Used, stamp(&most.At))
}

// days reads a duration in which d stands for 24 hours.
func days(text string) (time.Duration, error) {
	if n, ok := strings.CutSuffix(text, "d"); ok {
		if d, err := strconv.Atoi(n); err == nil && d > 0 && d <= 4000 {
			return time.Duration(d) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, usagef("%q is no length of time; say for example 90m, 24h or 30d", text)
}
