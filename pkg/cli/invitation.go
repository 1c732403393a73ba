package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type inviteOptions struct {
	name, email, role, node string
	expires                 time.Duration
}

func newInviteCommand(a *app) *cobra.Command {
	var o inviteOptions
	cmd := &cobra.Command{Use: "invite [NAME] --role ROLE --node NODE", Short: "Invite somebody to an account with a role; what to hand over is shown this once", Args: cobra.MaximumNArgs(1),
		Example: "  plaza user invite kim --email kim@example.net --role member --node group/brand/shop",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = first(args...)
			return runInvite(cmd.Context(), a, o)
		}}
	f := cmd.Flags()
	f.StringVar(&o.email, "email", "", "whom it is for; nothing is sent")
	f.StringVar(&o.role, "role", "", "admin, operator, member, reader, auditor, billing-reader, or a custom role")
	f.StringVar(&o.node, "node", "", "full name of the node; / for the root")
	f.DurationVar(&o.expires, "expires", 0, "how long it is good, 720h at most (default 168h)")
	_ = cmd.RegisterFlagCompletionFunc("node", a.completeNodes)
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"admin", "operator", "member", "reader", "auditor", "billing-reader"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runInvite(ctx context.Context, a *app, o inviteOptions) error {
	if o.role == "" || o.node == "" {
		return usagef("say which role on which node with --role and --node; / is the root")
	}
	if o.node == "/" {
		o.node = ""
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	in := client.NewInvitation{Name: opt(o.name), Email: opt(o.email), Role: o.role, Node: o.node}
	if o.expires > 0 {
		in.ExpiresAt = opt(a.Now().Add(o.expires).UTC())
	}
	made, err := client.Read[client.CreatedInvitation](c.CreateInvitation(ctx, in))
	if err != nil {
		return err
	}
	if a.plain() {
		_, chosen, err := a.chosen()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.Err, "This is shown once, and good until %[1]s. The invited run: plaza accept-invitation --server %[2]s, or open %[2]s/accept-invitation\n", stamp(&made.Invitation.ExpiresAt), a.serverOf(chosen))
		fmt.Fprintln(a.Out, made.Token)
		return nil
	}
	r := report{header: []string{"ID", "TOKEN"}, data: made}
	r.add(made.Invitation.Id.String(), made.Invitation.Id.String(), made.Token)
	return a.print(r)
}

func newInvitationsCommand(a *app) *cobra.Command {
	node, under := "", false
	cmd := &cobra.Command{Use: "invitations", Short: "List open invitations", Args: cobra.NoArgs, Example: "  plaza user invitations --node group/brand --below",
		RunE: func(cmd *cobra.Command, _ []string) error { return runInvitations(cmd.Context(), a, node, under) }}
	cmd.Flags().StringVar(&node, "node", "", "only on this node")
	cmd.Flags().BoolVar(&under, "below", false, "also on the nodes below")
	_ = cmd.RegisterFlagCompletionFunc("node", a.completeNodes)
	return cmd
}

func runInvitations(ctx context.Context, a *app, node string, under bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.InvitationList](c.ListInvitations(ctx, &client.ListInvitationsParams{Node: opt(node), Below: opt(under)}))
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "EMAIL", "ROLE", "NODE", "EXPIRES", "INVITED BY", "ID"}, data: list.Items}
	for _, i := range list.Items {
		r.add(i.Id.String(), value(i.Name), value(i.Email), i.Role, first(i.Node, "/"), stamp(&i.ExpiresAt), i.CreatedBy, i.Id.String())
	}
	return a.print(r)
}

func newUninviteCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "uninvite ID...", Short: "Take invitations back", Args: cobra.MinimumNArgs(1), Example: "  plaza user uninvite 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10",
		RunE: func(cmd *cobra.Command, args []string) error { return runUninvite(cmd.Context(), a, args) }}
}

func runUninvite(ctx context.Context, a *app, ids []string) error {
	return a.eachID(ids, "an invitation; list them with: plaza user invitations", func(c *client.Client, id uuid.UUID) error {
		if err := client.Done(c.DeleteInvitation(ctx, id)); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "invitation %s taken back\n", id)
		return nil
	})
}

// newAcceptCommand makes the account and signs in, so that the invited begin with one command.
func newAcceptCommand(a *app) *cobra.Command {
	var o loginOptions
	file := ""
	cmd := &cobra.Command{Use: "accept-invitation", Short: "Make the account that you were invited to, and sign in", Args: cobra.NoArgs,
		Long: "Make the account that you were invited to, and sign in. The invitation and the password are asked for, or come from files; the name " +
			"is yours to choose unless the invitation says it.",
		Example: "  plaza accept-invitation --server https://plaza.example.net --user kim",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAccept(cmd.Context(), a, o, file) }}
	f := cmd.Flags()
	f.StringVarP(&o.user, "user", "u", "", "name you will have (PLAZA_USER)")
	f.StringVar(&file, "invitation-file", "", "file with what you were handed, - for standard input (PLAZA_INVITATION)")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password you choose, - for standard input")
	f.StringVar(&o.name, "name", "", "name of the context to keep (default: the one in use, or default)")
	return cmd
}

func runAccept(ctx context.Context, a *app, o loginOptions, file string) error {
	in := client.Acceptance{Name: opt(first(o.user, a.Getenv("PLAZA_USER"))), Token: a.Getenv("PLAZA_INVITATION")}
	var err error
	switch {
	case file != "":
		text, failed := a.readFile(file)
		in.Token, err = trimmed(text), failed
	case in.Token == "" && !terminal(a.In):
		err = usagef("there is nobody to ask for the invitation; use --invitation-file or PLAZA_INVITATION")
	case in.Token == "":
		in.Token, err = a.ask("Invitation: ")
	}
	if err != nil {
		return err
	}
	if in.Password, err = a.password(o.passwordFile, false, "Password of your choice: "); err != nil {
		return err
	}
	_, chosen, err := a.chosen()
	if err != nil {
		return err
	}
	server := a.serverOf(chosen)
	if server == "" {
		return usagef("say which server: plaza accept-invitation --server https://plaza.example.net")
	}
	c, err := a.dial(client.Options{Server: server}, chosen)
	if err != nil {
		return err
	}
	u, err := client.Read[client.User](c.AcceptInvitation(ctx, in))
	if err != nil {
		return err
	}
	o.user, o.password = u.Name, in.Password
	return runLogin(ctx, a, o)
}
