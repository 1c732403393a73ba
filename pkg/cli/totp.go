package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newTotpCommand(a *app) *cobra.Command {
	cmd := newGroup("totp", "Codes of an authenticator as your second factor")
	status := &cobra.Command{Use: "status", Short: "Show whether you have a second factor", Args: cobra.NoArgs, Example: "  plaza totp status",
		RunE: func(cmd *cobra.Command, _ []string) error { return runTotpStatus(cmd.Context(), a) }}
	file := ""
	enrol := &cobra.Command{Use: "enrol", Short: "Make a key for an authenticator; it is in force once confirmed", Args: cobra.NoArgs, Example: "  plaza totp enrol",
		RunE: func(cmd *cobra.Command, _ []string) error { return runTotpEnrol(cmd.Context(), a, file) }}
	enrol.Flags().StringVar(&file, "password-file", "", "file with your password, - for standard input")
	confirm := &cobra.Command{Use: "confirm CODE", Short: "Put the key in force by a code of it; recovery codes are shown this once", Args: cobra.ExactArgs(1),
		Example: "  plaza totp confirm 123456",
		RunE:    func(cmd *cobra.Command, args []string) error { return runTotpConfirm(cmd.Context(), a, args[0]) }}
	remove := &cobra.Command{Use: "remove CODE", Short: "Do without a second factor, for a last code or a recovery code", Args: cobra.ExactArgs(1),
		Example: "  plaza totp remove 123456",
		RunE:    func(cmd *cobra.Command, args []string) error { return runTotpRemove(cmd.Context(), a, args[0]) }}
	cmd.AddCommand(status, enrol, confirm, remove)
	return cmd
}

func runTotpStatus(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	f, err := client.Read[client.FactorStatus](c.GetTotp(ctx))
	if err != nil {
		return err
	}
	r := report{header: []string{"ENABLED", "SINCE", "RECOVERY CODES"}, data: f}
	r.add("totp", fmt.Sprint(f.Enabled), stamp(f.ConfirmedAt), fmt.Sprint(f.RecoveryCodes))
	return a.print(r)
}

func runTotpEnrol(ctx context.Context, a *app, file string) error {
	password, err := a.password(file, false, "Your password: ")
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	e, err := client.Read[client.Enrolment](c.EnrolTotp(ctx, client.FactorEnrolment{Password: password}))
	if err != nil {
		return err
	}
	if a.plain() {
		fmt.Fprintln(a.Err, "Give this to your authenticator; it is shown once. Then: plaza totp confirm CODE")
	}
	r := report{header: []string{"SECRET", "URL"}, data: e}
	r.add(e.Secret, e.Secret, e.Url)
	return a.print(r)
}

func runTotpConfirm(ctx context.Context, a *app, code string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	got, err := client.Read[client.RecoveryCodes](c.ConfirmTotp(ctx, client.FactorCode{Code: code}))
	if err != nil {
		return err
	}
	if a.plain() {
		fmt.Fprintln(a.Err, "From now on a code is asked for. Each of these stands in for one, once; they are shown this once. Keep them safe.")
	}
	r := report{header: []string{"RECOVERY CODE"}, data: got}
	for _, code := range got.RecoveryCodes {
		r.add(code, code)
	}
	return a.print(r)
}

func runTotpRemove(ctx context.Context, a *app, code string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if err := client.Done(c.RemoveTotp(ctx, client.FactorCode{Code: code})); err != nil {
		return err
	}
	fmt.Fprintln(a.Out, "the second factor is removed")
	return nil
}

// ask reads a line from whoever sits there.
func (a *app) ask(prompt string) (string, error) {
	fmt.Fprint(a.Err, prompt)
	line, err := bufio.NewReader(a.In).ReadString('\n')
	return strings.TrimSpace(line), err
}
