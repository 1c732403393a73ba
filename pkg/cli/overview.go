package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newOverviewCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "overview", Short: "Show how full everything is, what is wrong, and which projects use most", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runOverview(cmd.Context(), a) }}
}

func runOverview(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	v, err := client.Read[client.Overview](c.GetOverview(ctx))
	if err != nil {
		return err
	}
	r := report{header: []string{"SEVERITY", "REASON", "KIND", "NAME", "SINCE", "DETAIL"}, data: v}
	for _, x := range v.Alarms {
		name := value(x.Name)
		if n := value(x.Count); n > 0 {
			name = fmt.Sprintf("%d", n)
		}
		r.add(value(x.Id), string(x.Severity), x.Reason, x.Kind, name, a.since(x.Since), value(x.Detail))
	}
	if !a.plain() {
		return a.print(r)
	}
	week := v.At.Add(-7 * 24 * time.Hour)
	for _, t := range v.Trends {
		if len(t.Items) > 0 {
			fmt.Fprintln(a.Out, sketch(t, week, v.At))
		}
	}
	for _, top := range v.Consumers {
		fmt.Fprintf(a.Out, "most %s:", top.Metric)
		for _, x := range top.Items {
			fmt.Fprintf(a.Out, " %s %d", a.nodeName(ctx, x.Project), x.Used)
		}
		fmt.Fprintln(a.Out)
	}
	if len(v.Alarms) == 0 {
		fmt.Fprintln(a.Out, "nothing is wrong")
		return nil
	}
	fmt.Fprintln(a.Out)
	return a.print(r)
}

func (a *app) since(at *time.Time) string {
	if at == nil {
		return ""
	}
	return a.age(*at) + " ago"
}
