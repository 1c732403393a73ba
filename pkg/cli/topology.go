package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newTopologyCommand(a *app) *cobra.Command {
	cmd := newGroup("topology", "What runs where, and what is joined with what")
	var place string
	var most int
	show := &cobra.Command{Use: "show", Short: "Show which servers run on which machines of which places", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTopology(cmd.Context(), a, place, most) }}
	show.Flags().StringVar(&place, "place", "", "only this site, region or storage cluster")
	show.Flags().IntVar(&most, "limit", 1000, "at most so many servers, up to 1000")
	_ = show.RegisterFlagCompletionFunc("place", func(cmd *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		return a.completePlaces(cmd, nil, text)
	})
	networks := &cobra.Command{Use: "networks", Short: "Show which networks routers join, and what is in them", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runNetworkMap(cmd.Context(), a) }}
	cmd.AddCommand(show, networks)
	return cmd
}

func runTopology(ctx context.Context, a *app, place string, most int) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	wanted := int64(most) // 0 asks for none
	t, err := client.Read[client.Topology](c.GetTopology(ctx, &client.GetTopologyParams{Place: opt(place), Limit: &wanted}))
	if err != nil {
		return err
	}
	r := report{header: []string{"WHAT", "NAME", "STATE", "SERVERS", "BUNDLE"}, data: t}
	on := map[string][]client.TopologyServer{}
	for _, s := range t.Servers {
		at := value(s.Place) + " " + value(s.Machine)
		on[at] = append(on[at], s)
	}
	servers := func(at string) {
		for _, s := range on[at] {
			bundle := ""
			if s.Bundle != nil {
				bundle = value(s.Bundle.Name)
			}
			r.add(s.Id, "    server", s.Name, string(s.Phase), "", bundle)
		}
	}
	for _, p := range t.Places {
		state := fmt.Sprintf("%d/%d alive", p.Alive, p.Hosts)
		if p.Hosts == 0 {
			state = value(p.Health)
		}
		if p.Stale {
			state = "stale"
		}
		r.add(p.Id, string(p.Kind), p.Name, state, fmt.Sprint(p.Servers), "")
		for _, m := range t.Machines {
			if m.Place == p.Id {
				r.add(m.Id, "  machine", m.Name, machineState(m), fmt.Sprint(m.Servers), "")
				servers(p.Id + " " + m.Id)
			}
		}
		servers(p.Id + " ")
	}
	servers(" ")
	if err := a.print(r); err != nil || !t.More || !a.plain() {
		return err
	}
	fmt.Fprintln(a.Err, "there are more servers than these: ask for one place, with --place")
	return nil
}

func machineState(m client.TopologyMachine) string {
	switch {
	case !m.Alive:
		return "silent"
	case !m.Open:
		return "takes no orders"
	}
	return "alive"
}

func runNetworkMap(ctx context.Context, a *app) error {
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	m, err := client.Read[client.NetworkMap](c.GetNetworkMap(ctx, &client.GetNetworkMapParams{Project: opt(project), Limit: opt(int64(1000))}))
	if err != nil {
		return err
	}
	r := report{header: []string{"NETWORK", "WHAT", "NAME", "ADDRESS", "PHASE", "TO"}, data: m}
	floating := map[string]string{}
	for _, f := range m.Addresses {
		floating[value(f.Server)] = value(f.Address)
	}
	names := map[string]string{}
	for _, n := range m.Networks {
		names[n.Id] = n.Name
	}
	for _, n := range m.Networks {
		r.add(n.Id, n.Name, "network", n.Name, n.Cidr, string(n.Phase), strings.TrimPrefix(string(value(n.Egress)), "none"))
		for _, x := range m.Routers {
			if to := others(x.Networks, n.Id, names); to != nil {
				r.add(x.Id, n.Name, "router", x.Name, "", string(x.Phase), strings.Join(to, ", "))
			}
		}
		for _, b := range m.Balancers {
			if b.Network == n.Id {
				r.add(b.Id, n.Name, "loadbalancer", b.Name, value(b.Address), string(b.Phase), "")
			}
		}
		for _, s := range m.Servers {
			switch to := others(s.Networks, n.Id, names); {
			case len(s.Networks) > 0 && s.Networks[0] == n.Id:
				r.add(s.Id, n.Name, "server", s.Name, value(s.Address), string(s.Phase), floating[s.Id])
			case to != nil:
				r.add(s.Id, n.Name, "server", s.Name, "", string(s.Phase), "")
			}
		}
	}
	return a.print(r)
}

// others are the names of a list but that of one; nil when that one is not in it.
func others(ids []string, but string, names map[string]string) []string {
	out, in := []string{}, false
	for _, id := range ids {
		if id == but {
			in = true
		} else {
			out = append(out, names[id])
		}
	}
	if !in {
		return nil
	}
	return out
}
