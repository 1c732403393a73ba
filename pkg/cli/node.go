package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newNodeCommand(a *app) *cobra.Command {
	cmd := newGroup("node", "The tree of the group: subsidiaries, brands, regions, stores and projects", "nodes")
	var under string
	list := &cobra.Command{Use: "list", Short: "Show the part of the tree that you see", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runNodeList(cmd.Context(), a, under) }}
	list.Flags().StringVar(&under, "under", "", "only what lies at or below this node")
	_ = list.RegisterFlagCompletionFunc("under", a.completeNodes)
	get := &cobra.Command{Use: "get NODE", Short: "Show a node by full name or id", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error { return runNodeGet(cmd.Context(), a, args[0]) }}
	var cascade, wait bool
	remove := &cobra.Command{Use: "delete NODE", Short: "Remove an empty node, with the roles on it", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cascade {
				return runBranchDelete(cmd.Context(), a, args[0], wait)
			}
			return runNodeDelete(cmd.Context(), a, args[0])
		}}
	remove.Flags().BoolVar(&cascade, "cascade", false, "with all nodes below it and all that is in their projects")
	remove.Flags().BoolVar(&wait, "wait", false, "with --cascade, until nothing is left of it")
	move := &cobra.Command{Use: "move NODE PARENT", Short: "Hang a node, with all below it, below another; / is the root", Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			return a.printNode(client.Read[client.Node](c.MoveNode(cmd.Context(), args[0], client.NodeMove{Parent: args[1]})))
		}}
	cmd.AddCommand(list, get, newNodeCreateCommand(a), newNodeUpdateCommand(a), move, remove)
	return cmd
}

func runNodeList(ctx context.Context, a *app, under string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{Under: opt(under)}))
	if err != nil {
		return err
	}
	return a.print(a.nodeReport(list.Items, a.plain()))
}

// nodeReport lists nodes; as a tree each is set in below its parent.
func (a *app) nodeReport(items []client.Node, tree bool) report {
	r := report{header: []string{"NODE", "TYPE", "TITLE", "SUSPENDED", "ID", "LABELS"}, extra: 2, data: items}
	shallowest := -1
	for _, n := range items {
		if d := strings.Count(n.Path, "/"); shallowest < 0 || d < shallowest {
			shallowest = d
		}
	}
	for _, n := range items {
		name := first(n.FullName, "/")
		if tree {
			name = strings.Repeat("  ", strings.Count(n.Path, "/")-shallowest) + first(n.Name, "/")
		}
		suspended := ""
		if n.Suspended {
			suspended = "yes"
		}
		r.add(first(n.FullName, "/"), name, string(n.Type), value(n.Title), suspended, n.Id.String(), labels(value(n.Labels)))
	}
	return r
}

func runNodeGet(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	return a.printNode(client.Read[client.Node](c.GetNode(ctx, name)))
}

func (a *app) printNode(n client.Node, err error) error {
	if err != nil {
		return err
	}
	r := a.nodeReport([]client.Node{n}, false)
	r.data = n
	return a.print(r)
}

func newNodeCreateCommand(a *app) *cobra.Command {
	var typ, title string
	var marks map[string]string
	cmd := &cobra.Command{
		Use: "create NODE --type TYPE", Short: "Add a node; NODE is its full name, such as group/brand/shop", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runNodeCreate(cmd.Context(), a, args[0], typ, title, marks)
		},
	}
	f := cmd.Flags()
	f.StringVar(&typ, "type", "project", "group, subsidiary, brand, region, store or project")
	f.StringVar(&title, "title", "", "display name in any script")
	f.StringToStringVarP(&marks, "label", "l", nil, "label, key=value; repeatable")
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]string{"group", "subsidiary", "brand", "region", "store", "project"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runNodeCreate(ctx context.Context, a *app, full, typ, title string, marks map[string]string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	in := client.NewNode{Name: full, Type: client.NewNodeType(typ), Title: opt(title)}
	if i := strings.LastIndex(full, "/"); i >= 0 {
		in.Parent, in.Name = opt(full[:i]), full[i+1:]
	}
	if marks != nil {
		in.Labels = &marks
	}
	return a.printNode(client.Read[client.Node](c.CreateNode(ctx, in)))
}

func newNodeUpdateCommand(a *app) *cobra.Command {
	var name, title string
	var suspend, resume bool
	var marks map[string]string
	cmd := &cobra.Command{
		Use: "update NODE", Short: "Rename, retitle, relabel, suspend or resume a node", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeNodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			in := client.NodeChange{Name: opt(name)}
			if cmd.Flags().Changed("title") {
				in.Title = &title
			}
			if cmd.Flags().Changed("label") {
				in.Labels = &marks
			}
			if suspend || resume {
				in.Suspended = &suspend
			}
			c, err := a.connect()
			if err != nil {
				return err
			}
			return a.printNode(client.Read[client.Node](c.UpdateNode(cmd.Context(), args[0], in)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "new name")
	f.StringVar(&title, "title", "", "new display name")
	f.BoolVar(&suspend, "suspend", false, "let nobody but the root's administrators change anything below it")
	f.BoolVar(&resume, "resume", false, "undo --suspend")
	f.StringToStringVarP(&marks, "label", "l", nil, "all labels anew, key=value; repeatable")
	cmd.MarkFlagsMutuallyExclusive("suspend", "resume")
	return cmd
}

func runNodeDelete(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if err := client.Done(c.DeleteNode(ctx, name, &client.DeleteNodeParams{})); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "node %s deleted\n", name)
	return nil
}

// runBranchDelete has a node deleted with all that hangs on it.
func runBranchDelete(ctx context.Context, a *app, name string, wait bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	n, err := client.Read[client.Node](c.GetNode(ctx, name))
	if err != nil {
		return err
	}
	if err := client.Done(c.DeleteNode(ctx, n.Id.String(), &client.DeleteNodeParams{Cascade: opt(true)})); err != nil {
		return err
	}
	if !wait {
		fmt.Fprintf(a.Out, "node %s is being deleted, with all below it\n", name)
		return nil
	}
	p := a.newProgress()
	defer p.end()
	for {
		left, err := client.Read[client.NodeList](c.ListNodes(ctx, &client.ListNodesParams{Under: opt(n.Id.String())}))
		if client.ReasonOf(err) == "NotFound" {
			break
		}
		if err != nil {
			return err
		}
		p.tell("%d nodes are left", len(left.Items))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	p.end()
	fmt.Fprintf(a.Out, "node %s deleted\n", name)
	return nil
}
