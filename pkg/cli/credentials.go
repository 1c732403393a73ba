package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addBucketCommands puts credentials, and what is done within a bucket, to the verbs of the kind.
func addBucketCommands(a *app, noun *cobra.Command) {
	n, _ := client.FindNoun("bucket")
	noun.AddCommand(newContentCommand(&kindCommand{app: a, noun: n}))
	addCredentials(a, noun, "Show the keys that let an S3 client into a bucket", func(ctx context.Context, c *client.Client, t client.Target) (report, error) {
		k, err := client.Read[client.BucketCredentials](c.CredentialsBucket(ctx, t.ID, &client.CredentialsBucketParams{Project: opt(t.Project)}))
		r := report{header: []string{"ENDPOINT", "BUCKET", "ACCESS KEY", "SECRET KEY"}, data: k}
		r.add(k.Bucket, k.Endpoint, k.Bucket, k.AccessKey, k.SecretKey)
		return r, err
	})
}

// addShareCommands puts credentials to the verbs of the kind.
func addShareCommands(a *app, noun *cobra.Command) {
	addCredentials(a, noun, "Show where a share is mounted from, and the keys of its clients", func(ctx context.Context, c *client.Client, t client.Target) (report, error) {
		k, err := client.Read[client.ShareCredentials](c.CredentialsShare(ctx, t.ID, &client.CredentialsShareParams{Project: opt(t.Project)}))
		r := report{header: []string{"NAME", "MODE", "CLIENT", "KEY", "FILE SYSTEM", "PATH", "MONITORS"}, data: k}
		for _, x := range k.Clients {
			r.add(x.Name, x.Name, string(x.Mode), x.Client, x.Key, k.Fs, k.Path, strings.Join(k.Monitors, ","))
		}
		return r, err
	})
}

func addCredentials(a *app, noun *cobra.Command, short string, read func(context.Context, *client.Client, client.Target) (report, error)) {
	n, ok := client.FindNoun(noun.Name())
	if !ok {
		return
	}
	k := &kindCommand{app: a, noun: n}
	replace(noun, &cobra.Command{
		Use: "credentials NAME", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		Long:    short + ". It takes the right to change it, and is written to the audit.",
		Example: "  plaza " + n.Name + " credentials NAME -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			t, err := k.target(args[0])
			if err != nil {
				return err
			}
			r, err := read(cmd.Context(), c, t)
			if err != nil {
				return err
			}
			return a.print(r)
		},
	})
}
