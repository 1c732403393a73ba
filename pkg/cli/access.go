package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newAccessCommand(a *app) *cobra.Command {
	cmd := newGroup("access", "Who may do what, and why")
	p := client.ExplainAccessParams{}
	var user, node string
	explain := &cobra.Command{Use: "explain --verb VERB --kind KIND", Short: "Tell which grants allow something, or what is missing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAccessExplain(cmd.Context(), a, p, user, node) }}
	f := explain.Flags()
	f.StringVar(&user, "as", "", "user to ask about (default: oneself)")
	f.StringVar(&p.Verb, "verb", "", "get, list, watch, create, update, delete, or an action of the kind such as reboot")
	f.StringVar(&p.Kind, "kind", "", "such as server")
	f.StringVar(&node, "node", "", "a node above projects, for the kinds node, binding, quota and audit")
	_ = explain.MarkFlagRequired("verb")
	_ = explain.MarkFlagRequired("kind")
	_ = explain.RegisterFlagCompletionFunc("as", a.completeUsers)
	_ = explain.RegisterFlagCompletionFunc("node", a.completeNodes)
	cmd.AddCommand(explain)
	return cmd
}

func runAccessExplain(ctx context.Context, a *app, p client.ExplainAccessParams, user, node string) error {
	if node == "" && !global(p.Kind) {
		var err error
		if node, err = a.project(); err != nil {
			return err
		}
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	p.User, p.Node = opt(user), opt(node)
	e, err := client.Read[client.Explanation](c.ExplainAccess(ctx, &p))
	if err != nil {
		return err
	}
	if !a.plain() {
		return a.print(report{data: e})
	}
	fmt.Fprint(a.Out, explanation(e))
	return nil
}

// global tells whether a kind belongs to no project; users, tokens and sessions are no nouns of the client's.
func global(kind string) bool {
	i := slices.IndexFunc(client.Nouns, func(n client.Noun) bool { return n.Name == kind })
	return i >= 0 && client.Nouns[i].Global || kind == "user" || kind == "token" || kind == "session"
}

// explanation is what people read.
func explanation(e client.Explanation) string {
	var b strings.Builder
	where := "the installation"
	if e.Node != "" {
		where = e.Node
	}
	may := "may"
	if !e.Allowed {
		may = "may not"
	}
	fmt.Fprintf(&b, "%s %s %s %s in %s\n", e.User, may, e.Verb, e.Kind, where)
	for _, r := range e.Because {
		fmt.Fprintf(&b, "  because of the role %s on %s (rule %s)\n", r.Role, first(r.Node, "/"), strings.Join(r.Rules, ", "))
	}
	if e.Denied != nil {
		fmt.Fprintf(&b, "  %s\n", *e.Denied)
	}
	if e.Hint != nil {
		fmt.Fprintf(&b, "  %s\n", *e.Hint)
	}
	if !e.Allowed {
		for _, g := range e.Grants {
			fmt.Fprintf(&b, "  there is the role %s on %s\n", g.Role, first(g.Node, "/"))
		}
	}
	return b.String()
}
