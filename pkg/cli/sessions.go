package cli

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newSessionCommand(a *app) *cobra.Command {
	cmd := newGroup("session", "Where you are signed in", "sessions")
	list := &cobra.Command{Use: "list", Short: "List your sessions, at other machines too", Args: cobra.NoArgs, Example: "  plaza session list -o wide",
		RunE: func(cmd *cobra.Command, _ []string) error { return runSessionList(cmd.Context(), a) }}
	remove := &cobra.Command{Use: "delete ID...", Short: "End sessions; whoever holds them is signed out", Args: cobra.MinimumNArgs(1), ValidArgsFunction: a.completeSessions,
		Example: "  plaza session delete 0198c5a2-5d5e-7c11-9a53-2f0c8f6f3a10",
		RunE:    func(cmd *cobra.Command, args []string) error { return runSessionDelete(cmd.Context(), a, args) }}
	cmd.AddCommand(list, remove)
	return cmd
}

func (a *app) sessions(ctx context.Context) ([]client.Session, error) {
	c, err := a.connect()
	if err != nil {
		return nil, err
	}
	list, err := client.Read[client.SessionList](c.ListSessions(ctx))
	return list.Items, err
}

func runSessionList(ctx context.Context, a *app) error {
	items, err := a.sessions(ctx)
	if err != nil {
		return err
	}
	r := report{header: []string{"ID", "FROM", "CLIENT", "BEGAN", "USED", "EXPIRES"}, data: items}
	for _, s := range items {
		id := s.Id.String()
		r.add(id, id, value(s.Remote), value(s.UserAgent), stamp(&s.CreatedAt), stamp(&s.SeenAt), stamp(&s.ExpiresAt))
	}
	return a.print(r)
}

func runSessionDelete(ctx context.Context, a *app, ids []string) error {
	return a.eachID(ids, "a session; list them with: plaza session list", func(c *client.Client, id uuid.UUID) error {
		if err := client.Done(c.DeleteSession(ctx, id)); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "session %s ended\n", id)
		return nil
	})
}

// eachID does something to what each id names; what says whose ids they are, and where to find them.
func (a *app) eachID(ids []string, what string, do func(c *client.Client, id uuid.UUID) error) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil {
			return usagef("%q is not the id of %s", text, what)
		}
		if err := do(c, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) completeSessions(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := completing(cmd)
	defer cancel()
	items, err := a.sessions(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, s := range items {
		out = append(out, s.Id.String()+"\t"+value(s.UserAgent))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
