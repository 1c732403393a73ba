package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type ledgerOptions struct {
	kind, place, machine, rack, owner string
	unbooked                          bool
}

func newLedgerCommand(a *app) *cobra.Command {
	var o ledgerOptions
	cmd := newGroup("ledger", "The one book of the physical and the virtual: what is on which machine, in which rack, and who answers for it")
	list := &cobra.Command{Use: "list", Short: "List machines and what is on them, with where they stand", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLedgerList(cmd.Context(), a, o) }}
	f := list.Flags()
	f.StringVar(&o.kind, "kind", "", "only lines of this kind, such as hypervisor or server")
	f.StringVar(&o.place, "place", "", "only of this site, region or cluster")
	f.StringVar(&o.machine, "machine", "", "only this machine, and what is on it")
	f.StringVar(&o.rack, "rack", "", "only what stands in this rack")
	f.StringVar(&o.owner, "owner", "", "only what this one answers for: a name of the books, or a project")
	f.BoolVar(&o.unbooked, "unbooked", false, "only machines that are in no book: no asset names them as what it is in the pools")
	cmd.AddCommand(list)
	return cmd
}

func runLedgerList(ctx context.Context, a *app, o ledgerOptions) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	q := &client.ListLedgerParams{Kind: opt(o.kind), Place: opt(o.place), Machine: opt(o.machine), Rack: opt(o.rack), Owner: opt(o.owner), Unbooked: opt(o.unbooked), Limit: opt(int64(1000))}
	all := []client.Entry{}
	for {
		page, err := client.Read[client.LedgerList](c.ListLedger(ctx, q))
		if err != nil {
			return err
		}
		all = append(all, page.Items...)
		if value(page.Next) == "" {
			break
		}
		q.After = page.Next
	}
	r := report{header: []string{"KIND", "NAME", "STATE", "PLACE", "MACHINE", "SITE", "RACK", "UNIT", "OWNER", "ASSET", "TYPE", "SERIAL", "ID"}, extra: 4, data: all}
	for _, e := range all {
		owner, unit := value(e.Owner), ""
		if !e.Physical && (a.plain() || a.o.output == "csv") {
			owner = a.nodeName(ctx, owner)
		}
		if e.Unit != nil {
			unit = fmt.Sprint(*e.Unit)
		}
		r.add(e.Name, e.Kind, e.Name, e.State, value(e.Place), value(e.Machine), value(e.Site), value(e.Rack), unit, owner, value(e.Asset), value(e.Type), value(e.Serial), e.Id)
	}
	return a.print(r)
}
