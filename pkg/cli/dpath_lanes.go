package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newLanesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "lanes CHAIN", Short: "Show the lanes of a dpathchain: apps, pools of nodes, and the calls of the last seconds", Args: cobra.ExactArgs(1),
		Long: "Show for each app of a chain its public nodes and those of each environment, and how many calls a second go to them, as the processes that follow the chain report. " +
			"The last lines tell of calls that were stopped or refused, when there were any.",
		RunE: func(cmd *cobra.Command, args []string) error { return runLanes(cmd.Context(), a, args[0]) },
	}
}

func runLanes(ctx context.Context, a *app, chain string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	project, err := a.project()
	if err != nil {
		return err
	}
	m, err := client.Read[client.LaneMap](c.MapLanesDpathchain(ctx, chain, &client.MapLanesDpathchainParams{Project: opt(project)}))
	if err != nil {
		return err
	}
	r := report{header: []string{"APP", "LANE", "STAGE", "CALLS/S", "NODES"}, data: m}
	for _, app := range m.Apps {
		for _, p := range app.Pools {
			var nodes []string
			for _, n := range p.Nodes {
				nodes = append(nodes, n.Name)
			}
			env := value(p.Env)
			r.add(app.App, app.App, first(env, "public"), value(p.Stage), fmt.Sprintf("%.1f", callsTo(app, env)), strings.Join(nodes, ","))
		}
	}
	if err := a.print(r); err != nil || !a.plain() {
		return err
	}
	fmt.Fprintf(a.Err, "version %d; %d of %d that follow it are behind, %d report their calls\n", m.Version, m.Behind, m.Subscribers, m.Reporting)
	if m.Violations+m.Rejects+m.Invalid > 0 {
		fmt.Fprintf(a.Err, "stopped %.0f, refused by nodes %.0f, labels not accepted %.0f\n", m.Violations, m.Rejects, m.Invalid)
	}
	return nil
}

// callsTo adds up the calls a second to the pool of an environment, or to the public one.
func callsTo(app client.LaneApp, env string) (sum float64) {
	for _, f := range app.Flows {
		dedicated := f.Pool == client.LaneFlowPoolDedicated
		if dedicated && value(f.Env) == env || !dedicated && env == "" {
			sum += f.CallsPerSecond
		}
	}
	return sum
}
