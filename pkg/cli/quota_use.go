package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// inUse are the metrics of the table; all of them are in the other outputs.
var inUse = []string{"servers", "vcpus", "memory_mib", "volume_gib"}

var useGroupings = []string{"tenant", "brand", "host", "application"}

func newUseCommand(a *app, node *string) *cobra.Command {
	var by string
	cmd := &cobra.Command{Use: "use", Short: "Add up use, state and warnings by tenant, brand, host or application", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUse(cmd.Context(), a, *node, by) }}
	cmd.Flags().StringVar(&by, "by", "tenant", "tenant (the nodes directly below), brand, host or application (the bundle that made it)")
	_ = cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(useGroupings, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runUse(ctx context.Context, a *app, node, by string) error {
	if !slices.Contains(useGroupings, by) {
		return usagef("%q is nothing to add up by; there are: tenant, brand, host, application", by)
	}
	node, c, err := a.quotasOf(ctx, node)
	if err != nil {
		return err
	}
	list, err := client.Read[client.UseList](c.ListUse(ctx, &client.ListUseParams{Node: node, By: client.ListUseParamsBy(by)}))
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "SERVERS", "VCPUS", "MEMORY-MIB", "VOLUME-GIB", "OBJECTS", "READY", "WARNINGS"}, data: list.Items}
	for _, g := range list.Items {
		name, objects := value(g.Name), int64(0)
		for _, n := range g.Objects {
			objects += n
		}
		row := []string{first(name, "(none)")}
		for _, metric := range inUse {
			row = append(row, fmt.Sprint(g.Used[metric]))
		}
		r.add(name, append(row, fmt.Sprint(objects), fmt.Sprint(g.Objects["Ready"]), fmt.Sprint(g.Warnings))...)
	}
	return a.print(r)
}
