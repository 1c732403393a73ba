package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/centre"
)

type followOptions struct {
	to   string
	name string
}

func (k *configCommand) newFollowCommand() *cobra.Command {
	var o followOptions
	cmd := &cobra.Command{
		Use: "follow NAME [-- COMMAND...]", Short: "Take over every version of a config as it comes, for a service that can not do so itself", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: k.completeTarget,
		Long: `Take over every version of a config as it comes: the newest at once, then each change. Its document replaces the file of --to, or is
written out, and then COMMAND is run. Each version is acknowledged, as refused when the file can not be written or COMMAND fails; that is
tried again until there is a newer one. The server may be away meanwhile. It ends with Ctrl-C.`,
		Example: "  plaza config follow prices --to /etc/till/prices.yaml --as till-17 -- systemctl reload till",
		RunE:    func(cmd *cobra.Command, args []string) error { return k.runFollow(cmd.Context(), args[0], o, args[1:]) },
	}
	cmd.Flags().StringVar(&o.to, "to", "", "file that the document is kept in, with mode 0600 (default: it is written out)")
	cmd.Flags().StringVar(&o.name, "as", "", "name that plaza config subscribers shows (default: that of this machine)")
	return cmd
}

func (k *configCommand) runFollow(ctx context.Context, name string, o followOptions, command []string) error {
	// What is not there or not allowed is told now; later on it is waited for.
	if _, err := k.version(ctx, name, ""); err != nil {
		return err
	}
	if o.name == "" {
		o.name, _ = os.Hostname()
	}
	c, err := k.options()
	if err != nil {
		return err
	}
	if c.Insecure {
		return usagef("a config is not followed from a server that any certificate would do for; give its authority with --ca")
	}
	t, err := k.target(name)
	if err != nil {
		return err
	}
	where := strings.TrimSuffix(c.Server, "/") + "/v1/configs/" + url.PathEscape(t.ID)
	if t.Project != "" {
		where += "?project=" + url.QueryEscape(t.Project)
	}
	sub, err := centre.Subscribe(ctx, centre.Options{URL: where, Token: c.Token, CA: c.CA, Name: o.name,
		Log:   slog.New(slog.NewTextHandler(k.Err, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Apply: func(v centre.Version) error { return k.takeOver(ctx, v, o.to, command) }})
	if err != nil {
		return err
	}
	<-sub.Done()
	return nil
}

// takeOver puts a version in force, or says why not.
func (k *configCommand) takeOver(ctx context.Context, v centre.Version, to string, command []string) error {
	var err error
	if to == "" {
		_, err = fmt.Fprintln(k.Out, strings.TrimSuffix(v.Document, "\n"))
	} else {
		err = whole(to, func(w io.Writer) error {
			_, err := io.WriteString(w, v.Document)
			return err
		})
	}
	if err != nil || len(command) == 0 {
		return err
	}
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput() // #nosec G204 -- the user's own command
	if _, printed := k.Err.Write(out); printed != nil {
		return printed
	}
	if text := strings.TrimSpace(string(out)); err != nil && text != "" {
		return errors.New(text)
	}
	return err
}
