package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newPoolCommand(a *app) *cobra.Command {
	cmd := newGroup("pool", "Capacity and use of sites", "pools")
	cmd.AddCommand(&cobra.Command{Use: "list", Short: "List capacity and use by site", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPoolList(cmd.Context(), a) }})
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
	r := report{header: []string{"SITE", "HOSTS", "ALIVE", "VCPUS", "MEMORY MIB", "DISK GIB", "FREE VCPUS", "FREE MEMORY MIB", "FREE DISK GIB"}, extra: 3, data: list.Items}
	used := func(x client.Amount) string { return fmt.Sprintf("%d/%d", x.Used, x.Capacity) }
	for _, p := range list.Items {
		r.add(p.Site, p.Site, fmt.Sprint(p.Hosts), fmt.Sprint(p.Alive), used(p.Vcpus), used(p.MemoryMiB), used(p.DiskGiB),
			fmt.Sprint(p.Vcpus.Free), fmt.Sprint(p.MemoryMiB.Free), fmt.Sprint(p.DiskGiB.Free))
	}
	return a.print(r)
}
