package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newPoolCommand(a *app) *cobra.Command {
	cmd := newGroup("pool", "Capacity and use of sites, regions and storage clusters", "pools")
	list := &cobra.Command{Use: "list", Short: "List capacity and use of every place", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPoolList(cmd.Context(), a) }}
	show := &cobra.Command{Use: "show PLACE", Short: "Show what a site, region or storage cluster has, by name or id; all for the sum", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completePlaces,
		RunE: func(cmd *cobra.Command, args []string) error { return runPoolShow(cmd.Context(), a, args[0]) }}
	cmd.AddCommand(list, show, newPoolHistoryCommand(a))
	return cmd
}

func runPoolList(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.PoolList](c.ListPools(ctx))
	if err != nil {
		return err
	}
	r := report{header: []string{"SITE", "KIND", "HOSTS", "ALIVE", "VCPUS", "MEMORY MIB", "DISK GIB", "VOLUMES GIB", "SEEN", "FREE VCPUS", "FREE MEMORY MIB", "FREE DISK GIB", "FREE VOLUMES GIB"},
		extra: 4, data: list.Items}
	used := func(x client.Amount) string { return fmt.Sprintf("%d/%d", x.Used+x.Others, x.Capacity) }
	for _, p := range list.Items {
		r.add(p.Id, p.Site, string(p.Kind), fmt.Sprint(p.Hosts), fmt.Sprint(p.Alive), used(p.Vcpus), used(p.MemoryMiB), used(p.DiskGiB), used(p.VolumeGiB),
			a.seen(p.ObservedAt, p.Stale), fmt.Sprint(p.Vcpus.Free), fmt.Sprint(p.MemoryMiB.Free), fmt.Sprint(p.DiskGiB.Free), fmt.Sprint(p.VolumeGiB.Free))
	}
	return a.print(r)
}

// completePlaces offers the names of places.
func (a *app) completePlaces(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := completing(cmd)
	defer cancel()
	c, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := client.Read[client.PoolList](c.ListPools(ctx))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := []string{"all"}
	for _, p := range list.Items {
		out = append(out, p.Site)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
