package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type tokenOptions struct {
	user    string
	role    string
	node    string
	expires time.Duration
}

func newTokenCommand(a *app) *cobra.Command {
	var o tokenOptions
	cmd := newGroup("token", "What programs act by for a user", "tokens")
	list := &cobra.Command{Use: "list", Short: "List a user's tokens", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return runTokenList(cmd.Context(), a, o) }}
	create := &cobra.Command{Use: "create NAME", Short: "Make a token; its secret is shown this once", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runTokenCreate(cmd.Context(), a, args[0], o) }}
	create.Flags().StringVar(&o.role, "role", "", "at most this role, built in or a custom one of the node or above; subscriber follows configs and does nothing else")
	create.Flags().StringVar(&o.node, "node", "", "only at and below this node")
	create.Flags().DurationVar(&o.expires, "expires", 0, "how long it is valid (default: until it is deleted)")
	_ = create.RegisterFlagCompletionFunc("node", a.completeNodes)
	_ = create.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"admin", "operator", "member", "reader", "subscriber"}, cobra.ShellCompDirectiveNoFileComp))
	remove := &cobra.Command{Use: "delete NAME...", Short: "Revoke tokens by name or id", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runTokenDelete(cmd.Context(), a, args, o) }}
	for _, c := range []*cobra.Command{list, create, remove} {
		c.Flags().StringVar(&o.user, "user", "", "of this user instead of yourself")
		_ = c.RegisterFlagCompletionFunc("user", a.completeUsers)
	}
	cmd.AddCommand(list, create, remove)
	return cmd
}

func (a *app) tokens(ctx context.Context, user string) ([]client.Token, error) {
	c, err := a.connect()
	if err != nil {
		return nil, err
	}
	list, err := client.Read[client.TokenList](c.ListTokens(ctx, &client.ListTokensParams{User: opt(user)}))
	return list.Items, err
}

func runTokenList(ctx context.Context, a *app, o tokenOptions) error {
	items, err := a.tokens(ctx, o.user)
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "BEGINS", "ROLE", "NODE", "EXPIRES", "USED", "ID"}, extra: 1, data: items}
	for _, t := range items {
		node := value(t.NodeId)
		if node != "" && a.plain() {
			node = a.nodeName(ctx, node)
		}
		r.add(t.Name, t.Name, t.Hint, value(t.Role), node, stamp(t.ExpiresAt), stamp(t.UsedAt), t.Id.String())
	}
	return a.print(r)
}

func runTokenCreate(ctx context.Context, a *app, name string, o tokenOptions) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	in := client.NewToken{Name: name, User: opt(o.user), Role: opt(o.role), Node: opt(o.node)}
	if o.expires > 0 {
		in.ExpiresAt = opt(a.Now().Add(o.expires).UTC())
	}
	t, err := client.Read[client.CreatedToken](c.CreateToken(ctx, in))
	if err != nil {
		return err
	}
	if a.plain() {
		fmt.Fprintf(a.Err, "This is shown once; keep it safe. It goes into PLAZA_TOKEN or --token.\n")
		fmt.Fprintln(a.Out, t.Secret)
		return nil
	}
	r := report{header: []string{"NAME", "SECRET"}, data: t}
	r.add(t.Token.Name, t.Token.Name, t.Secret)
	return a.print(r)
}

func runTokenDelete(ctx context.Context, a *app, names []string, o tokenOptions) error {
	items, err := a.tokens(ctx, o.user)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	for _, name := range names {
		id, err := uuid.Parse(name)
		if i := slices.IndexFunc(items, func(t client.Token) bool { return t.Name == name }); i >= 0 {
			id, err = items[i].Id, nil
		}
		if err != nil {
			return &client.Problem{Reason: "NotFound", Detail: fmt.Sprintf("there is no token %q", name), Hint: opt("list them with: plaza token list")}
		}
		if err := client.Done(c.DeleteToken(ctx, id)); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "token %s deleted\n", name)
	}
	return nil
}
