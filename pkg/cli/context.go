package cli

import (
	"fmt"
	"sort"

	"github.com/spf13/cobra"
)

func newContextCommand(a *app) *cobra.Command {
	cmd := newGroup("context", "Servers, and who one is there", "contexts")
	list := &cobra.Command{Use: "list", Short: "List contexts", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return runContextList(a) }}
	use := &cobra.Command{Use: "use NAME", Short: "Use a context from now on", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error { return runContextUse(a, args[0]) }}
	set := &cobra.Command{Use: "set [NAME]", Short: "Change a context: --server, --project, --ca, --insecure", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeContexts,
		RunE: func(cmd *cobra.Command, args []string) error { return runContextSet(a, cmd, args) }}
	remove := &cobra.Command{Use: "delete NAME", Short: "Forget a context; its session stays valid until it ends", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeContexts,
		RunE: func(_ *cobra.Command, args []string) error { return runContextDelete(a, args[0]) }}
	cmd.AddCommand(list, use, set, remove)
	return cmd
}

// runContextList shows no secrets.
func runContextList(a *app) error {
	c, err := a.contexts()
	if err != nil {
		return err
	}
	names := make([]string, 0, len(c.Contexts))
	for name := range c.Contexts {
		names = append(names, name)
	}
	sort.Strings(names)
	r := report{header: []string{"CURRENT", "NAME", "SERVER", "USER", "PROJECT", "SIGNED IN"}}
	data := []map[string]any{}
	for _, name := range names {
		x, mark := c.Contexts[name], ""
		if name == c.Current {
			mark = "*"
		}
		r.add(name, mark, name, x.Server, x.User, x.Project, fmt.Sprint(x.Token != ""))
		data = append(data, map[string]any{"name": name, "current": name == c.Current, "server": x.Server, "user": x.User, "project": x.Project, "signedIn": x.Token != ""})
	}
	r.data = data
	return a.print(r)
}

func runContextUse(a *app, name string) error {
	c, err := a.contexts()
	if err != nil {
		return err
	}
	if c.Contexts[name] == nil {
		return usagef("there is no context %q; list them with: plaza context list", name)
	}
	c.Current = name
	if err := c.save(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "context %s is in use\n", name)
	return nil
}

func runContextSet(a *app, cmd *cobra.Command, args []string) error {
	c, err := a.contexts()
	if err != nil {
		return err
	}
	name := first(append(args, a.o.context, c.Current, "default")...)
	x := c.Contexts[name]
	if x == nil {
		x = &Context{}
		c.Contexts[name] = x
	}
	if a.o.server != "" && !same(a.o.server, x.Server) {
		*x = Context{Server: a.o.server} // what belongs to another server does not move along
	}
	if cmd.Flags().Changed("project") {
		x.Project = a.o.project
	}
	if a.o.token != "" {
		x.Token = a.o.token
	}
	if err := x.trust(a); err != nil {
		return err
	}
	if x.Server == "" {
		return usagef("context %s has no server yet; give it with --server", name)
	}
	if c.Current == "" {
		c.Current = name
	}
	if err := c.save(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "context %s is set\n", name)
	return nil
}

func runContextDelete(a *app, name string) error {
	c, err := a.contexts()
	if err != nil {
		return err
	}
	if c.Contexts[name] == nil {
		return usagef("there is no context %q", name)
	}
	delete(c.Contexts, name)
	if c.Current == name {
		c.Current = ""
	}
	if err := c.save(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "context %s is forgotten\n", name)
	return nil
}
