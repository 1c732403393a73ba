package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newQuotaTreeCommand(a *app, node *string) *cobra.Command {
	var region string
	cmd := &cobra.Command{Use: "tree METRIC", Short: "List limits and use of a metric by a node and by all below it that have a limit or use some", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMetrics,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runQuotaTree(cmd.Context(), a, *node, args[0], region)
		}}
	cmd.Flags().StringVar(&region, "region", "", "only what is in this region, site or storage cluster")
	return cmd
}

func runQuotaTree(ctx context.Context, a *app, node, metric, region string) error {
	node, c, err := a.quotasOf(ctx, node)
	if err != nil {
		return err
	}
	list, err := client.Read[client.QuotaList](c.ListQuotaTree(ctx, &client.ListQuotaTreeParams{Node: node, Metric: metric, Region: opt(region)}))
	if err != nil {
		return err
	}
	nodes, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{Under: opt(node)}))
	if err != nil {
		return err
	}
	of := map[string]client.QuotaUsage{}
	for _, q := range list.Items {
		of[q.Node] = q
	}
	r := report{header: []string{"NODE", "USED", "RESERVED", "LIMIT", "SOFT"}, data: list.Items}
	above := -1
	for _, n := range nodes.Items {
		depth := strings.Count(n.Path, "/")
		if above < 0 {
			above = depth
		}
		if q, known := of[n.Id.String()]; known {
			r.add(n.FullName, strings.Repeat("  ", depth-above)+first(n.Name, "/"), fmt.Sprint(q.Committed), fmt.Sprint(q.Reserved), limit(q.Hard), limit(q.Soft))
		}
	}
	return a.print(r)
}
