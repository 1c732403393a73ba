package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func (k *kindCommand) newHistoryCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "history NAME", Short: "Show who did what to " + one(k.noun.Name) + ", newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runHistory(cmd.Context(), args[0], limit) },
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	return cmd
}

func (k *kindCommand) runHistory(ctx context.Context, name string, limit int) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	t, err := k.target(name)
	if err != nil {
		return err
	}
	rows, err := collect(limit, func(q client.BackQuery) ([]client.Audit, string, error) {
		page, err := client.Read[client.HistoryList](k.noun.History(ctx, c, t, q))
		return page.Items, value(page.Next), err
	})
	if err != nil {
		return err
	}
	return k.print(auditReport(rows))
}

func (k *kindCommand) newOperationsCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "operations NAME", Short: "Show the work done on " + one(k.noun.Name) + ", newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runOperations(cmd.Context(), args[0], limit) },
	}
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many")
	return cmd
}

func (k *kindCommand) runOperations(ctx context.Context, name string, limit int) error {
	c, err := k.connect()
	if err != nil {
		return err
	}
	t, err := k.target(name)
	if err != nil {
		return err
	}
	rows, err := collect(limit, func(q client.BackQuery) ([]client.Operation, string, error) {
		page, err := client.Read[client.OperationList](k.noun.Operations(ctx, c, t, q))
		return page.Items, value(page.Next), err
	})
	if err != nil {
		return err
	}
	return k.print(k.operationReport(rows))
}

// collect reads pages of what comes newest first until there are limit rows.
func collect[T any](limit int, page func(client.BackQuery) ([]T, string, error)) ([]T, error) {
	out := []T{}
	q := client.BackQuery{}
	for {
		q.Limit = 1000
		if limit > 0 {
			q.Limit = min(q.Limit, limit-len(out))
		}
		items, next, err := page(q)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
		if next == "" || limit > 0 && len(out) >= limit {
			return out, nil
		}
		q.Before = next
	}
}

func auditReport(rows []client.Audit) report {
	r := report{header: []string{"AT", "ACTOR", "VERB", "KIND", "NAME", "NOTE", "FROM", "OPERATION", "ID"}, extra: 3, data: rows}
	for _, x := range rows {
		note := strings.TrimSpace(value(x.Note))
		r.add(x.Id, stamp(&x.At), x.Actor, x.Verb, x.Kind, x.ObjectName, note, value(x.Remote), value(x.OperationId), x.Id)
	}
	return r
}

func (a *app) operationReport(rows []client.Operation) report {
	r := report{header: []string{"ID", "VERB", "KIND", "NAME", "STATE", "PROGRESS", "AGE", "TOOK", "ACTOR", "MESSAGE"}, extra: 2, data: rows}
	for _, o := range rows {
		message, took := value(o.Message), ""
		if o.State != client.OperationStateSucceeded && o.Problem != nil {
			message = first(o.Problem.Detail, message)
		}
		if o.EndedAt != nil {
			took = o.EndedAt.Sub(o.CreatedAt).Round(100 * 1e6).String()
		}
		r.add(o.Id, o.Id, o.Verb, o.Kind, o.ObjectName, string(o.State), percent(o.Progress), a.age(o.CreatedAt), took, o.Actor, message)
	}
	return r
}
