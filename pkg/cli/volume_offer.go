package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addVolumeCommands adds how a volume comes from one project to another.
func addVolumeCommands(a *app, noun *cobra.Command) {
	noun.AddCommand(newOfferCommand(a), newOffersCommand(a), newAcceptOfferCommand(a))
}

func volumes(a *app) *kindCommand {
	n, _ := client.FindNoun("volume")
	return &kindCommand{app: a, noun: n}
}

func newOfferCommand(a *app) *cobra.Command {
	var to, expires string
	var secret bool
	cmd := &cobra.Command{
		Use: "offer NAME", Short: "Offer a volume to another project, with what is on it", Args: cobra.ExactArgs(1), ValidArgsFunction: volumes(a).completeNames,
		Long:    "Offer a volume to a project, or to whoever knows a secret that is shown this once. plaza volume accept takes it there; plaza volumeoffer delete takes the offer back.",
		Example: "  plaza volume offer volume-1 --to 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10 --expires 24h\n  plaza volume offer volume-1 --secret",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOffer(cmd.Context(), a, args[0], to, expires, secret)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "project that may have it: its id, or its full name where you see it")
	cmd.Flags().StringVar(&expires, "expires", "", "how long it can be accepted, 720h at most (default: 168h)")
	cmd.Flags().BoolVar(&secret, "secret", false, "whoever accepts it needs a secret; always so without --to")
	return cmd
}

func runOffer(ctx context.Context, a *app, name, to, expires string, secret bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := volumes(a).target(name)
	if err != nil {
		return err
	}
	key := newKey()
	o, err := client.Read[client.VolumeOffered](c.OfferVolume(ctx, t.ID, &client.OfferVolumeParams{Project: opt(t.Project), IdempotencyKey: &key}, client.VolumeOfferOrder{To: opt(to), ExpiresIn: opt(expires), Secret: opt(secret)}))
	if err != nil {
		return err
	}
	if !a.plain() {
		return a.print(report{header: []string{"ID", "SECRET", "EXPIRES"}, rows: [][]string{{o.Id.String(), value(o.Secret), stamp(&o.ExpiresAt)}}, names: []string{o.Id.String()}, data: o})
	}
	fmt.Fprintf(a.Out, "volume %s is offered until %s; it is accepted with:\n  plaza volume accept %s", name, stamp(&o.ExpiresAt), o.Id)
	if value(o.Secret) != "" {
		fmt.Fprintf(a.Out, " --secret %s\nthe secret is not shown again", *o.Secret)
	}
	fmt.Fprintln(a.Out)
	return nil
}

func newOffersCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "offers", Short: "List the volumes that others offer to the project", Args: cobra.NoArgs,
		Example: "  plaza volume offers --project group/brand/shop",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runOffers(cmd.Context(), a) },
	}
}

func runOffers(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	list, err := client.Read[client.ReceivedOfferList](c.ListReceivedVolumeoffers(ctx, &client.ListReceivedVolumeoffersParams{Project: project}))
	if err != nil {
		return err
	}
	r := report{data: list.Items, header: []string{"OFFER", "VOLUME", "GIB", "TIER", "ENCRYPTED", "SECRET", "BY", "EXPIRES"}}
	for _, o := range list.Items {
		r.add(o.Id.String(), o.Id.String(), o.Volume, strconv.FormatInt(o.SizeGiB, 10), value(o.Tier), strconv.FormatBool(value(o.Encrypted)), strconv.FormatBool(value(o.Secret)), o.By, stamp(&o.ExpiresAt))
	}
	return a.print(r)
}

func newAcceptOfferCommand(a *app) *cobra.Command {
	var secret, name string
	var wait bool
	cmd := &cobra.Command{
		Use: "accept OFFER", Short: "Accept a volume that is offered, by the id of the offer", Args: cobra.ExactArgs(1), ValidArgsFunction: cobra.NoFileCompletions,
		Example: "  plaza volume accept 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10 --name books --wait",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAcceptOffer(cmd.Context(), a, args[0], secret, name, wait)
		},
	}
	cmd.Flags().StringVar(&secret, "secret", "", "that the offer came with")
	cmd.Flags().StringVar(&name, "name", "", "of the volume here (default: the one that it has)")
	cmd.Flags().BoolVar(&wait, "wait", false, "until it has arrived")
	return cmd
}

func runAcceptOffer(ctx context.Context, a *app, offer, secret, name string, wait bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	project, err := a.someProject(ctx)
	if err != nil {
		return err
	}
	key := newKey()
	done, err := client.Read[client.Applied](c.AcceptVolumeoffer(ctx, offer, &client.AcceptVolumeofferParams{IdempotencyKey: &key}, client.VolumeOfferAcceptance{Project: project, Secret: opt(secret), Name: opt(name)}))
	if err != nil {
		return err
	}
	return a.finish(ctx, []outcome{{noun: volumes(a).noun, Applied: done, verb: "accepted"}}, wait)
}
