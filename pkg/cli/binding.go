package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newBindingCommand(a *app) *cobra.Command {
	cmd := newGroup("binding", "Who has which role on which node, and so on all below it", "bindings")
	var user, node string
	var below bool
	list := &cobra.Command{Use: "list", Short: "List bindings", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBindingList(cmd.Context(), a, user, node, below) }}
	f := list.Flags()
	f.StringVar(&user, "user", "", "only this user's")
	f.StringVar(&node, "node", "", "only on this node")
	f.BoolVar(&below, "below", false, "also on the nodes below")
	role := ""
	create := &cobra.Command{Use: "create USER --role ROLE --node NODE", Short: "Give a user a role", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBindingCreate(cmd.Context(), a, args[0], role, node)
		}}
	create.Flags().StringVar(&role, "role", "", "admin, operator, member, reader, auditor, billing-reader, or a custom role")
	create.Flags().StringVar(&node, "node", "", "full name of the node; / for the root")
	remove := &cobra.Command{Use: "delete ID...", Short: "Take roles away", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runBindingDelete(cmd.Context(), a, args) }}
	for _, c := range []*cobra.Command{list, create} {
		_ = c.RegisterFlagCompletionFunc("node", a.completeNodes)
	}
	_ = list.RegisterFlagCompletionFunc("user", a.completeUsers)
	_ = create.RegisterFlagCompletionFunc("role", a.completeRoles)
	cmd.AddCommand(list, create, remove)
	return cmd
}

func bindingReport(items []client.Binding) report {
	r := report{header: []string{"USER", "ROLE", "NODE", "ID", "CREATED BY"}, extra: 1, data: items}
	for _, b := range items {
		r.add(b.Id.String(), b.User, b.Role, first(b.Node, "/"), b.Id.String(), b.CreatedBy)
	}
	return r
}

func runBindingList(ctx context.Context, a *app, user, node string, below bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.BindingList](c.ListBindings(ctx, &client.ListBindingsParams{User: opt(user), Node: opt(node), Below: opt(below)}))
	if err != nil {
		return err
	}
	return a.print(bindingReport(list.Items))
}

func runBindingCreate(ctx context.Context, a *app, user, role, node string) error {
	if role == "" || node == "" {
		return usagef("say which role on which node with --role and --node; / is the root")
	}
	if node == "/" {
		node = ""
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	b, err := client.Read[client.Binding](c.CreateBinding(ctx, client.NewBinding{User: user, Role: role, Node: node}))
	if err != nil {
		return err
	}
	r := bindingReport([]client.Binding{b})
	r.data = b
	return a.print(r)
}

func runBindingDelete(ctx context.Context, a *app, ids []string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	for _, text := range ids {
		id, err := operationID(text)
		if err != nil {
			return err
		}
		if err := client.Done(c.DeleteBinding(ctx, id)); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "binding %s deleted\n", text)
	}
	return nil
}
