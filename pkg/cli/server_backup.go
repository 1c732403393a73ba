package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type serverBackupOptions struct {
	name   string
	keep   int64
	labels map[string]string
	wait   bool
	dryRun bool
}

func newServerBackupCommand(a *app) *cobra.Command {
	var o serverBackupOptions
	cmd := &cobra.Command{
		Use: "backup NAME", Short: "Back a server up as a whole: its own disk and its volumes", Args: cobra.ExactArgs(1), ValidArgsFunction: servers(a).completeNames,
		Long:    "Back a server up as a whole: its own disk and its volumes, of one moment where its place can do that. The backup stays when the server is deleted; plaza serverbackup restore makes a server of it again.",
		Example: "  plaza server backup server-1 --keep 7 --wait",
		RunE:    func(cmd *cobra.Command, args []string) error { return runServerBackup(cmd.Context(), a, args[0], o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "of the backup (default: the server's, and when)")
	f.Int64Var(&o.keep, "keep", 0, "so many of the server's backups that were made with such a number stay; 0: all")
	f.StringToStringVarP(&o.labels, "label", "l", nil, "label, key=value; repeatable")
	f.BoolVar(&o.wait, "wait", false, "until it is there")
	f.BoolVar(&o.dryRun, "dry-run", false, "check it all, and write nothing")
	return cmd
}

func runServerBackup(ctx context.Context, a *app, server string, o serverBackupOptions) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := servers(a).target(server)
	if err != nil {
		return err
	}
	if o.name == "" {
		s, err := servers(a).get(ctx, server)
		if err != nil {
			return err
		}
		o.name = s.Name[:min(len(s.Name), 40)] + "-" + time.Now().UTC().Format("20060102-150405")
	}
	body := client.ServerBackup{Name: o.name, Keep: &o.keep}
	if len(o.labels) > 0 {
		body.Labels = &o.labels
	}
	key := newKey()
	done, err := client.Read[client.Applied](c.BackupServer(ctx, t.ID, &client.BackupServerParams{Project: opt(t.Project), DryRun: &o.dryRun, IdempotencyKey: &key}, body))
	if err != nil {
		return err
	}
	n, _ := client.FindNoun("serverbackup")
	return a.finish(ctx, []outcome{{noun: n, Applied: done, verb: "created"}}, o.wait)
}

func newServerBackupsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "backups NAME", Short: "List the backups of a server, also of one that is gone", Args: cobra.ExactArgs(1), ValidArgsFunction: servers(a).completeNames,
		Example: "  plaza server backups server-1",
		RunE: func(cmd *cobra.Command, args []string) error {
			n, _ := client.FindNoun("serverbackup")
			return (&kindCommand{app: a, noun: n}).runList(cmd.Context(), listOptions{filters: []string{"status.serverName=" + args[0]}})
		},
	}
}
