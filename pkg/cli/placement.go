package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newPlacementCommand(a *app) *cobra.Command {
	cmd := newGroup("placement", "Where servers go, and why", "placement")
	cmd.AddCommand(newExplainPlacementCommand(a))
	return cmd
}

func newExplainPlacementCommand(a *app) *cobra.Command {
	var o writeOptions
	n, _ := client.FindNoun("server")
	k, fields := &kindCommand{app: a, noun: n}, &specFlags{app: a}
	cmd := &cobra.Command{Use: "explain", Short: "Tell where a server would be placed, and why not elsewhere, without making it", Args: cobra.NoArgs,
		Long: "Tell where a server would be placed, and why not elsewhere, without making it. The flags are those of: plaza server create.",
		RunE: func(cmd *cobra.Command, _ []string) error { return runExplainPlacement(cmd.Context(), k, fields, o) }}
	cmd.Flags().StringToStringVarP(&o.labels, "label", "l", nil, "label, key=value; repeatable")
	cmd.Flags().StringVar(&o.spec, "spec", "", "the spec as JSON or YAML; other flags add to it (@FILE reads a file)")
	cmd.Flags().StringArrayVar(&o.set, "set", nil, "a value by its path in spec; repeatable")
	fields.bind(cmd, k.noun.Spec)
	return cmd
}

// runExplainPlacement ends as the refusal would when there is no place, so that it can be used in scripts.
func runExplainPlacement(ctx context.Context, k *kindCommand, fields *specFlags, o writeOptions) error {
	d := &document{Kind: k.noun.Name, Spec: map[string]any{}, noun: k.noun}
	if err := k.amend(ctx, d, "explained", fields, o); err != nil {
		return err
	}
	order, err := json.Marshal(map[string]any{"project": d.Project, "labels": d.Labels, "spec": d.Spec})
	if err != nil {
		return err
	}
	c, err := k.connect()
	if err != nil {
		return err
	}
	plan, err := client.Read[client.PlacementPlan](c.ExplainPlacementWithBody(ctx, "application/json", bytes.NewReader(order)))
	if err != nil {
		return err
	}
	r := report{header: []string{"PLACE", "REASON", "DETAIL", "FIX"}, data: plan}
	for _, x := range plan.Candidates {
		r.add(x.Name, x.Name, x.Reason, x.Detail, value(x.Fix))
	}
	if err := k.print(r); err != nil {
		return err
	}
	if text := value(plan.Detail); text != "" {
		return &client.Problem{Reason: "NoCandidate", Detail: text, Hint: plan.Hint}
	}
	if k.plain() {
		fmt.Fprintf(k.Out, "it would go to %s\n", value(plan.Chosen))
		if plan.Policies != nil {
			fmt.Fprintf(k.Out, "by placement policies: %s\n", strings.Join(*plan.Policies, ", "))
		}
	}
	return nil
}
