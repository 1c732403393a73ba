package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type roleOptions struct {
	node        string
	description string
	allow       []string
}

func (o *roleOptions) addNode(a *app, cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.node, "node", "", "full name of the node; the root without it")
	_ = cmd.RegisterFlagCompletionFunc("node", a.completeNodes)
}

func (o *roleOptions) addPermissions(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.description, "description", "", "what it is for")
	cmd.Flags().StringArrayVar(&o.allow, "allow", nil, "what it may besides reading: KIND=VERB,VERB, or class:CLASS=VERB,VERB with one of project, catalogue, infrastructure; * is every verb; repeatable")
}

func newRoleCommand(a *app) *cobra.Command {
	cmd := newGroup("role", "What bindings give: the built-in roles, and those that administrators made", "roles")
	var o roleOptions
	list := &cobra.Command{Use: "list", Short: "List the roles that can be bound on a node", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRoleList(cmd.Context(), a, o) }}
	get := &cobra.Command{Use: "get ROLE", Short: "Show a custom role by its id, or by its name on a node", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runRoleGet(cmd.Context(), a, args[0], o) }}
	create := &cobra.Command{Use: "create NAME --allow KIND=VERB,VERB", Short: "Make a role that reads, and may what is allowed besides", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runRoleCreate(cmd.Context(), a, args[0], o) }}
	update := &cobra.Command{Use: "update ROLE", Short: "Change a custom role, for all who hold it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runRoleUpdate(cmd, a, args[0], o) }}
	remove := &cobra.Command{Use: "delete ROLE...", Short: "Delete custom roles that nobody holds", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runRoleDelete(cmd.Context(), a, args, o) }}
	for _, c := range []*cobra.Command{list, get, create, update, remove} {
		o.addNode(a, c)
	}
	o.addPermissions(create)
	o.addPermissions(update)
	cmd.AddCommand(list, get, create, update, remove)
	return cmd
}

func (a *app) roles(ctx context.Context, node string) (client.RoleList, error) {
	c, err := a.connect()
	if err != nil {
		return client.RoleList{}, err
	}
	return client.Read[client.RoleList](c.ListRoles(ctx, &client.ListRolesParams{Node: opt(node)}))
}

// completeRoles offers the names of what can be bound on the node that was given.
func (a *app) completeRoles(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	names := []string{"admin", "operator", "member", "reader", "auditor", "billing-reader"}
	node, _ := cmd.Flags().GetString("node")
	if list, err := a.roles(ctx, node); err == nil {
		for _, r := range list.Items {
			names = append(names, r.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func runRoleList(ctx context.Context, a *app, o roleOptions) error {
	list, err := a.roles(ctx, o.node)
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "NODE", "MAY", "ID", "DESCRIPTION"}, extra: 2, data: list}
	for _, b := range list.BuiltIn {
		r.add(b.Name, b.Name, "built in", b.Description, "", "")
	}
	for _, c := range list.Items {
		addRole(&r, c)
	}
	return a.print(r)
}

func addRole(r *report, c client.CustomRole) {
	var may []string
	for _, p := range c.Permissions {
		about := value(p.Kind)
		if p.Class != nil {
			about = "class:" + string(*p.Class)
		}
		may = append(may, about+"="+strings.Join(p.Verbs, ","))
	}
	r.add(c.Name, c.Name, first(c.Node, "/"), "read, "+strings.Join(may, " "), c.Id.String(), value(c.Description))
}

// printRole shows one.
func (a *app) printRole(c client.CustomRole) error {
	r := report{header: []string{"NAME", "NODE", "MAY", "ID", "DESCRIPTION"}, extra: 2, data: c}
	addRole(&r, c)
	return a.print(r)
}

// findRole is the id of a role that is named by it, or by its name on a node.
func (a *app) findRole(ctx context.Context, name, node string) (uuid.UUID, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id, nil
	}
	list, err := a.roles(ctx, node)
	if err != nil {
		return uuid.Nil, err
	}
	for i := len(list.Items) - 1; i >= 0; i-- { // the nearest comes last
		if list.Items[i].Name == name {
			return list.Items[i].Id, nil
		}
	}
	return uuid.Nil, &client.Problem{Reason: "NotFound", Detail: fmt.Sprintf("there is no custom role %q on %s", name, first(node, "the root")),
		Hint: opt("say the node with --node; list what can be bound there with: plaza role list --node")}
}

func runRoleGet(ctx context.Context, a *app, name string, o roleOptions) error {
	id, err := a.findRole(ctx, name, o.node)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	found, err := client.Read[client.CustomRole](c.GetRole(ctx, id))
	if err != nil {
		return err
	}
	return a.printRole(found)
}

// permissions reads --allow.
func (o roleOptions) permissions() ([]client.Permission, error) {
	out := []client.Permission{}
	for _, text := range o.allow {
		about, verbs, ok := strings.Cut(text, "=")
		if !ok || about == "" || verbs == "" {
			return nil, usagef("--allow %s has not the form KIND=VERB,VERB", text)
		}
		p := client.Permission{Verbs: strings.Split(verbs, ",")}
		if class, ok := strings.CutPrefix(about, "class:"); ok {
			p.Class = opt(client.PermissionClass(class))
		} else {
			p.Kind = opt(about)
		}
		out = append(out, p)
	}
	return out, nil
}

func runRoleCreate(ctx context.Context, a *app, name string, o roleOptions) error {
	may, err := o.permissions()
	if err != nil {
		return err
	}
	if len(may) == 0 {
		return usagef("say what it may with --allow, such as --allow server=start,stop,reboot")
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	made, err := client.Read[client.CustomRole](c.CreateRole(ctx, client.NewRole{Name: name, Node: strings.TrimPrefix(o.node, "/"), Description: opt(o.description), Permissions: may}))
	if err != nil {
		return err
	}
	return a.printRole(made)
}

func runRoleUpdate(cmd *cobra.Command, a *app, name string, o roleOptions) error {
	may, err := o.permissions()
	if err != nil {
		return err
	}
	change := client.RoleChange{}
	if cmd.Flags().Changed("description") {
		change.Description = &o.description
	}
	if len(may) > 0 {
		change.Permissions = &may
	}
	id, err := a.findRole(cmd.Context(), name, o.node)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	changed, err := client.Read[client.CustomRole](c.UpdateRole(cmd.Context(), id, change))
	if err != nil {
		return err
	}
	return a.printRole(changed)
}

func runRoleDelete(ctx context.Context, a *app, names []string, o roleOptions) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	for _, name := range names {
		id, err := a.findRole(ctx, name, o.node)
		if err != nil {
			return err
		}
		if err := client.Done(c.DeleteRole(ctx, id)); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "role %s deleted\n", name)
	}
	return nil
}
