package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// completeIn bounds how long a person waits for Tab.
const completeIn = 2 * time.Second

// completeNames offers the names of a kind's objects that are not on the line yet.
func (k *kindCommand) completeNames(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	given := map[string]bool{}
	for _, name := range args {
		given[name] = true
	}
	names, directive := k.completeAnyName(cmd, args, begun)
	var out []string
	for _, name := range names {
		if !given[name] {
			out = append(out, name)
		}
	}
	return out, directive
}

// completeAnyName asks the server; whatever goes wrong, there is nothing to offer.
func (k *kindCommand) completeAnyName(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	q := client.ListQuery{}
	if !k.noun.Global {
		p, err := k.project()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		q.Project = p
	}
	items, err := k.list(ctx, q, 200)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := make([]string, 0, len(items))
	for _, o := range items {
		out = append(out, o.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func completing(cmd *cobra.Command) (context.Context, context.CancelFunc) {
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithTimeout(ctx, completeIn)
}

func (a *app) completeProjects(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.completeNodesOf(cmd, opt(client.ListNodesParamsType("project")))
}

func (a *app) completeNodes(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.completeNodesOf(cmd, nil)
}

func (a *app) completeNodesOf(cmd *cobra.Command, kind *client.ListNodesParamsType) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	c, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{Type: kind}))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, n := range list.Items {
		if n.FullName != "" {
			out = append(out, n.FullName)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeUsers(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	c, err := a.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, err := client.Read[client.UserList](c.ListUsers(ctx))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, u := range list.Items {
		out = append(out, u.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) completeContexts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	c, err := a.contexts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var out []string
	for name := range c.Contexts {
		out = append(out, name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
