package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newUserCommand(a *app) *cobra.Command {
	cmd := newGroup("user", "Accounts of people and machines", "users")
	list := &cobra.Command{Use: "list", Short: "List users", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return runUserList(cmd.Context(), a) }}
	one := func(use, short string, run func(context.Context, *client.Client, string) (client.User, error)) *cobra.Command {
		return &cobra.Command{Use: use + " NAME", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeUsers,
			RunE: func(cmd *cobra.Command, args []string) error {
				c, err := a.connect()
				if err != nil {
					return err
				}
				return a.printUser(run(cmd.Context(), c, args[0]))
			}}
	}
	disable := func(off bool) func(context.Context, *client.Client, string) (client.User, error) {
		return func(ctx context.Context, c *client.Client, name string) (client.User, error) {
			return client.Read[client.User](c.UpdateUser(ctx, name, client.UserChange{Disabled: off}))
		}
	}
	get := one("get", "Show a user", func(ctx context.Context, c *client.Client, name string) (client.User, error) {
		return client.Read[client.User](c.GetUser(ctx, name))
	})
	remove := &cobra.Command{Use: "delete NAME", Short: "Remove a user with its sessions, tokens and roles", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error { return runUserDelete(cmd.Context(), a, args[0]) }}
	cmd.AddCommand(list, get, newUserCreateCommand(a), one("disable", "Shut a user out and end its sessions", disable(true)),
		one("enable", "Let a user in again, and unlock it", disable(false)), newPasswordCommand(a), newResetTotpCommand(a), remove,
		newInviteCommand(a), newInvitationsCommand(a), newUninviteCommand(a))
	return cmd
}

func userReport(items []client.User) report {
	r := report{header: []string{"NAME", "EMAIL", "DISABLED", "LAST LOGIN", "LOCKED UNTIL", "ID"}, extra: 2, data: items}
	for _, u := range items {
		r.add(u.Name, u.Name, value(u.Email), fmt.Sprint(u.Disabled), stamp(u.LastLoginAt), stamp(u.LockedUntil), u.Id.String())
	}
	return r
}

func (a *app) printUser(u client.User, err error) error {
	if err != nil {
		return err
	}
	r := userReport([]client.User{u})
	r.data = u
	return a.print(r)
}

func runUserList(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.UserList](c.ListUsers(ctx))
	if err != nil {
		return err
	}
	return a.print(userReport(list.Items))
}

func newUserCreateCommand(a *app) *cobra.Command {
	var email, file, provider, subject string
	var none bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Add a user, who may do nothing until a role is bound", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := client.NewUser{Name: args[0], Email: opt(email), Provider: opt(provider), Subject: opt(subject)}
			if !none && provider == "" {
				password, err := a.password(file, false, "Password of "+args[0]+": ")
				if err != nil {
					return err
				}
				in.Password = &password
			}
			c, err := a.connect()
			if err != nil {
				return err
			}
			return a.printUser(client.Read[client.User](c.CreateUser(cmd.Context(), in)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&email, "email", "", "address")
	f.StringVar(&file, "password-file", "", "file with the password, - for standard input")
	f.BoolVar(&none, "no-password", false, "one that can not sign in and acts by tokens only")
	f.StringVar(&provider, "provider", "", "identity provider by which the user signs in")
	f.StringVar(&subject, "subject", "", "who the user is to the provider")
	return cmd
}

// newPasswordCommand changes one's own password, or as an administrator another's.
func newPasswordCommand(a *app) *cobra.Command {
	var file, old string
	cmd := &cobra.Command{
		Use: "password [NAME]", Short: "Change your password, or give another user one; other sessions end", Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPassword(cmd.Context(), a, first(args...), old, file)
		},
	}
	cmd.Flags().StringVar(&file, "password-file", "", "file with the new password, - for standard input")
	cmd.Flags().StringVar(&old, "old-password-file", "", "file with your present password")
	return cmd
}

func runPassword(ctx context.Context, a *app, name, old, file string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	was := ""
	if name == "" {
		if was, err = a.password(old, false, "Present password: "); err != nil {
			return err
		}
	}
	is, err := a.password(file, false, "New password: ")
	if err != nil {
		return err
	}
	if name == "" {
		err = client.Done(c.ChangePassword(ctx, client.PasswordChange{Old: was, New: is}))
	} else {
		err = client.Done(c.ResetPassword(ctx, name, client.PasswordReset{Password: is}))
	}
	if err == nil {
		fmt.Fprintln(a.Out, "the password is changed")
	}
	return err
}

func newResetTotpCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "reset-totp NAME", Short: "Take the second factor of a user who lost it away", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeUsers,
		Example: "  plaza user reset-totp ann",
		RunE:    func(cmd *cobra.Command, args []string) error { return runResetTotp(cmd.Context(), a, args[0]) }}
}

func runResetTotp(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if err := client.Done(c.ResetTotp(ctx, name)); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "%s has no second factor any more\n", name)
	return nil
}

func runUserDelete(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if err := client.Done(c.DeleteUser(ctx, name)); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "user %s deleted\n", name)
	return nil
}
