package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// newGuestPasswordCommand takes no password from the environment: the one there is the caller's own.
func newGuestPasswordCommand(a *app) *cobra.Command {
	var user, file string
	cmd := &cobra.Command{
		Use: "password NAME", Short: "Set a password in a running server's guest", Args: cobra.ExactArgs(1), ValidArgsFunction: servers(a).completeNames,
		Example: "  plaza server password web --password-file secret.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGuestPassword(cmd.Context(), a, args[0], user, file)
		},
	}
	cmd.Flags().StringVar(&user, "user", "root", "user of the guest")
	cmd.Flags().StringVar(&file, "password-file", "", "file with the new password, - for standard input")
	_ = cmd.MarkFlagRequired("password-file")
	return cmd
}

func runGuestPassword(ctx context.Context, a *app, name, user, file string) error {
	text, err := a.readFile(file)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := servers(a).target(name)
	if err != nil {
		return err
	}
	body := client.GuestPassword{User: &user, Password: trimmed(text)}
	if err := client.Done(c.PasswordServer(ctx, t.ID, &client.PasswordServerParams{Project: opt(t.Project)}, body)); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "the password of %s in server %s is set\n", user, name)
	return nil
}
