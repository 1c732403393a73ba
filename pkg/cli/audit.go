package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

type auditOptions struct {
	object string
	limit  int
	all    bool
}

func newAuditCommand(a *app) *cobra.Command {
	var o auditOptions
	cmd := newGroup("audit", "Who did what, when, from where")
	list := &cobra.Command{Use: "list", Short: "List what was done, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runAudit(cmd.Context(), a, o) }}
	list.Flags().StringVar(&o.object, "object", "", "only what was done to the object with this id")
	list.Flags().IntVar(&o.limit, "limit", 100, "at most so many; 0 for all")
	list.Flags().BoolVarP(&o.all, "all", "A", false, "of the whole installation, whichever project is in use")
	cmd.AddCommand(list, newAuditHeadCommand(a), newAuditExportCommand(a), newAuditVerifyCommand(a))
	return cmd
}

func runAudit(ctx context.Context, a *app, o auditOptions) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	p := &client.ListAuditParams{}
	if !o.all {
		project, err := a.project()
		if err != nil {
			return err
		}
		p.Project = opt(project)
	}
	if o.object != "" {
		id, err := operationID(o.object)
		if err != nil {
			return err
		}
		p.Object = &id
	}
	rows, err := collect(o.limit, func(q client.BackQuery) ([]client.Audit, string, error) {
		p.Limit, p.Before = opt(int64(q.Limit)), nil
		if q.Before != "" {
			id, err := operationID(q.Before)
			if err != nil {
				return nil, "", err
			}
			p.Before = &id
		}
		page, err := client.Read[client.HistoryList](c.ListAudit(ctx, p))
		return page.Items, value(page.Next), err
	})
	if err != nil {
		return err
	}
	return a.print(auditReport(rows))
}
