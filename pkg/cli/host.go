package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addHostCommands puts enrol-token to the verbs of the kind.
func addHostCommands(a *app, noun *cobra.Command) { replace(noun, newEnrolTokenCommand(a)) }

type enrolOptions struct {
	site string
	name string
	ttl  time.Duration
}

func newEnrolTokenCommand(a *app) *cobra.Command {
	var o enrolOptions
	cmd := &cobra.Command{
		Use: "enrol-token --site SITE", Short: "Make a one-time token, and show the command to run on the new host", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEnrolToken(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.site, "site", "", "site that the host will belong to")
	f.StringVar(&o.name, "name", "", "name that the host will have (default: its own)")
	f.DurationVar(&o.ttl, "ttl", time.Hour, "how long the token may be used")
	return cmd
}

func runEnrolToken(ctx context.Context, a *app, o enrolOptions) error {
	if o.site == "" {
		return usagef("say which site with --site")
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := client.Read[client.EnrolToken](c.CreateEnrolToken(ctx, client.NewEnrolToken{Site: o.site, Name: opt(o.name), TtlSeconds: opt(int64(o.ttl.Seconds()))}))
	if err != nil {
		return err
	}
	if a.plain() {
		_, x, err := a.chosen()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "Run this on the host, as root; the token is good once, until %s:\n\n", stamp(&t.ExpiresAt))
		fmt.Fprintf(a.Out, "echo %s | plaza-agent enrol --server %s --token-file -\n\nThen start its agent with: plaza-agent run\n", t.Token, a.serverOf(x))
		return nil
	}
	r := report{header: []string{"TOKEN", "SITE", "NAME", "EXPIRES"}, data: t}
	r.add(t.Token, t.Token, t.Site, value(t.Name), stamp(&t.ExpiresAt))
	return a.print(r)
}
