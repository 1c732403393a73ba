package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newQuotaCommand(a *app) *cobra.Command {
	cmd := newGroup("quota", "What a project may hold, and holds", "quotas")
	list := &cobra.Command{Use: "list", Short: "List limits and use of a project", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runQuotaList(cmd.Context(), a) }}
	set := &cobra.Command{Use: "set METRIC LIMIT", Short: "Limit a metric of a project; none takes the limit away", Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeMetrics,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runQuotaSet(cmd.Context(), a, args[0], args[1])
		}}
	holdings := &cobra.Command{Use: "holdings", Short: "List which object takes what of a project's quota", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runHoldings(cmd.Context(), a) }}
	cmd.AddCommand(list, set, holdings)
	return cmd
}

func runQuotaList(ctx context.Context, a *app) error {
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.QuotaList](c.ListQuotas(ctx, &client.ListQuotasParams{Project: project}))
	if err != nil {
		return err
	}
	return a.print(quotaReport(list.Items))
}

func quotaReport(items []client.QuotaUsage) report {
	r := report{header: []string{"METRIC", "USED", "RESERVED", "LIMIT"}, data: items}
	for _, q := range items {
		r.add(q.Metric, q.Metric, fmt.Sprint(q.Committed), fmt.Sprint(q.Reserved), limit(q.Hard))
	}
	return r
}

func runQuotaSet(ctx context.Context, a *app, metric, text string) error {
	hard := int64(-1)
	if text != "none" {
		var err error
		if hard, err = strconv.ParseInt(text, 10, 64); err != nil || hard < -1 {
			return usagef("%q is not a limit; give a whole number, or none", text)
		}
	}
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.QuotaList](c.SetQuota(ctx, metric, &client.SetQuotaParams{Project: project}, client.QuotaLimit{Hard: hard}))
	if err != nil {
		return err
	}
	return a.print(quotaReport(list.Items))
}

func runHoldings(ctx context.Context, a *app) error {
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.HoldingList](c.ListHoldings(ctx, &client.ListHoldingsParams{Project: project}))
	if err != nil {
		return err
	}
	r := report{header: []string{"OBJECT", "METRIC", "USED", "RESERVED"}, data: list.Items}
	for _, h := range list.Items {
		r.add(h.ObjectId, h.ObjectId, h.Metric, fmt.Sprint(h.Committed), fmt.Sprint(h.Reserved))
	}
	return a.print(r)
}

func (a *app) completeMetrics(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return []string{"none"}, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := completing(cmd)
	defer cancel()
	project, err := a.someProject(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := client.Read[client.QuotaList](c.ListQuotas(ctx, &client.ListQuotasParams{Project: project}))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, q := range list.Items {
		out = append(out, q.Metric)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
