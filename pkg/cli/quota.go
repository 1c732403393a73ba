package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newQuotaCommand(a *app) *cobra.Command {
	cmd := newGroup("quota", "What a project, or all projects below a node, may hold, and hold", "quotas")
	var node string
	cmd.PersistentFlags().StringVar(&node, "node", "", "full name or id of a node above projects, or of a project; / is the root (default: the project in use)")
	_ = cmd.RegisterFlagCompletionFunc("node", a.completeNodes)
	list := &cobra.Command{Use: "list", Short: "List limits and use by metric", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runQuotaList(cmd.Context(), a, node) }}
	check := &cobra.Command{Use: "check", Short: "Count anew what all objects hold, and compare it with every total", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runQuotaCheck(cmd.Context(), a) }}
	alarms := &cobra.Command{Use: "alarms", Short: "List limits of the node, and of all below it, that are exceeded", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runQuotaAlarms(cmd.Context(), a, node) }}
	cmd.AddCommand(list, newQuotaSetCommand(a, &node), newHoldingsCommand(a, &node), newQuotaTreeCommand(a, &node), newUseCommand(a, &node), check, alarms)
	return cmd
}

// quotaNode is the node that was asked for, or the project in use.
func (a *app) quotaNode(ctx context.Context, node string) (string, error) {
	if node != "" {
		return node, nil
	}
	return a.someProject(ctx)
}

// quotasOf is the node that was asked for, or the project in use, and the server that knows of it.
func (a *app) quotasOf(ctx context.Context, asked string) (node string, c *client.Client, err error) {
	if node, err = a.quotaNode(ctx, asked); err == nil {
		c, err = a.connect()
	}
	return node, c, err
}

func runQuotaList(ctx context.Context, a *app, node string) error {
	node, c, err := a.quotasOf(ctx, node)
	if err != nil {
		return err
	}
	list, err := client.Read[client.QuotaList](c.ListQuotas(ctx, &client.ListQuotasParams{Node: node}))
	if err != nil {
		return err
	}
	return a.print(quotaReport(list.Items))
}

func quotaReport(items []client.QuotaUsage) report {
	r := report{header: []string{"METRIC", "USED", "RESERVED", "LIMIT", "SOFT", "BELOW", "REGION"}, data: items}
	for _, q := range items {
		below := ""
		if q.Strict {
			below = "strict"
		}
		soft := limit(q.Soft)
		if q.Soft >= 0 && q.Committed+q.Reserved > q.Soft {
			soft += " exceeded"
		}
		r.add(q.Metric, q.Metric, fmt.Sprint(q.Committed), fmt.Sprint(q.Reserved), limit(q.Hard), soft, below, value(q.Region))
	}
	return r
}

func newQuotaSetCommand(a *app, node *string) *cobra.Command {
	var soft, region string
	var strict bool
	cmd := &cobra.Command{Use: "set METRIC LIMIT", Short: "Limit a metric of a node and of all below it; none takes the limit away", Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeMetrics,
		RunE: func(cmd *cobra.Command, args []string) error {
			in := client.QuotaLimit{Strict: opt(strict)}
			var err error
			if in.Hard, err = parseLimit(args[1]); err != nil {
				return err
			}
			n, err := parseLimit(soft)
			if err != nil {
				return err
			}
			in.Soft = &n
			return runQuotaSet(cmd.Context(), a, client.SetQuotaParams{Node: *node, Region: opt(region)}, args[0], in)
		}}
	f := cmd.Flags()
	f.StringVar(&soft, "soft", "none", "more than that is allowed, but told")
	f.StringVar(&region, "region", "", "only what is in this region, site or storage cluster")
	f.BoolVar(&strict, "strict", false, "the limits below may not add up to more than this one")
	return cmd
}

func parseLimit(text string) (int64, error) {
	if text == "none" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < -1 {
		return 0, usagef("%q is not a limit; give a whole number, or none", text)
	}
	return n, nil
}

func runQuotaSet(ctx context.Context, a *app, p client.SetQuotaParams, metric string, in client.QuotaLimit) error {
	var err error
	if p.Node, err = a.quotaNode(ctx, p.Node); err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.QuotaList](c.SetQuota(ctx, metric, &p, in))
	if err != nil {
		return err
	}
	return a.print(quotaReport(list.Items))
}

func newHoldingsCommand(a *app, node *string) *cobra.Command {
	var p client.ListHoldingsParams
	var metric, region string
	var most int
	cmd := &cobra.Command{Use: "holdings", Short: "List which object takes what", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.Node, p.Metric, p.Region = *node, opt(metric), opt(region)
			return runHoldings(cmd.Context(), a, p, most)
		}}
	cmd.Flags().StringVar(&region, "region", "", "only what is in this region, site or storage cluster")
	cmd.Flags().StringVar(&metric, "metric", "", "only of this metric")
	cmd.Flags().IntVar(&most, "limit", 100, "at most so many; 0 for all")
	return cmd
}

func runHoldings(ctx context.Context, a *app, p client.ListHoldingsParams, most int) error {
	var err error
	if p.Node, err = a.quotaNode(ctx, p.Node); err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	rows, err := collect(most, func(q client.BackQuery) ([]client.Holding, string, error) {
		p.Limit, p.After = opt(int64(q.Limit)), opt(q.Before)
		page, err := client.Read[client.HoldingPage](c.ListHoldings(ctx, &p))
		return page.Items, value(page.Next), err
	})
	if err != nil {
		return err
	}
	r := report{header: []string{"KIND", "NAME", "METRIC", "USED", "RESERVED", "REGION", "OBJECT", "PROJECT"}, extra: 2, data: rows}
	for _, h := range rows {
		r.add(h.ObjectId, h.Kind, h.Name, h.Metric, fmt.Sprint(h.Committed), fmt.Sprint(h.Reserved), value(h.Region), h.ObjectId, h.Project)
	}
	return a.print(r)
}

// runQuotaAlarms ends as a failure when the last nightly count found a difference.
func runQuotaAlarms(ctx context.Context, a *app, node string) error {
	node, c, err := a.quotasOf(ctx, node)
	if err != nil {
		return err
	}
	alarms, err := client.Read[client.QuotaAlarms](c.ListQuotaAlarms(ctx, &client.ListQuotaAlarmsParams{Node: node}))
	if err != nil {
		return err
	}
	r := report{header: []string{"METRIC", "USED", "RESERVED", "LIMIT", "SOFT", "REGION", "NODE"}, data: alarms}
	for _, q := range alarms.Items {
		r.add(q.Metric, q.Metric, fmt.Sprint(q.Committed), fmt.Sprint(q.Reserved), limit(q.Hard), limit(q.Soft), value(q.Region), q.Node)
	}
	if err := a.print(r); err != nil || alarms.Recount == nil || alarms.Recount.Differences == 0 {
		return err
	}
	return fmt.Errorf("the count of %s found %d totals that are not what objects hold: %s", alarms.Recount.At.Format(time.RFC3339), alarms.Recount.Differences, value(alarms.Recount.Detail))
}

// runQuotaCheck ends as a failure when there is a difference, so that it can be used in scripts.
func runQuotaCheck(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.DifferenceList](c.ListQuotaDifferences(ctx))
	if err != nil {
		return err
	}
	if len(list.Items) == 0 && a.plain() {
		fmt.Fprintln(a.Out, "every total is what objects hold")
		return nil
	}
	r := report{header: []string{"DIFFERENCE"}, data: list.Items}
	for _, d := range list.Items {
		r.add(d, d)
	}
	if err := a.print(r); err != nil || len(list.Items) == 0 {
		return err
	}
	return fmt.Errorf("%d totals are not what objects hold", len(list.Items))
}

func (a *app) completeMetrics(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return []string{"none"}, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := completing(cmd)
	defer cancel()
	node, err := a.quotaNode(ctx, cmd.Flag("node").Value.String())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := client.Read[client.QuotaList](c.ListQuotas(ctx, &client.ListQuotasParams{Node: node}))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, q := range list.Items {
		out = append(out, q.Metric)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
