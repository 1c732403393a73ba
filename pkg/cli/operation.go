package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newOperationCommand(a *app) *cobra.Command {
	cmd := newGroup("operation", "The work that changes entail", "operations")
	var state, object string
	var limit int
	list := &cobra.Command{Use: "list", Short: "List operations, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runOperationList(cmd.Context(), a, state, object, limit)
		}}
	list.Flags().StringVar(&state, "state", "", "only pending, running, succeeded, failed or cancelled ones")
	list.Flags().StringVar(&object, "object", "", "only those on the object with this id")
	list.Flags().IntVar(&limit, "limit", 100, "at most so many; 0 for all")
	get := &cobra.Command{Use: "get ID", Short: "Show an operation", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runOperationGet(cmd.Context(), a, args[0]) }}
	wait := &cobra.Command{Use: "wait ID", Short: "Wait for an operation's end; fails when it does", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runOperationWait(cmd.Context(), a, args[0]) }}
	retry := &cobra.Command{Use: "retry ID", Short: "Work on a failed operation's object anew", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOperationVerb(cmd.Context(), a, args[0], (*client.Client).RetryOperation)
		}}
	cancel := &cobra.Command{Use: "cancel ID", Short: "Stop working towards what was wanted, until the next change", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOperationVerb(cmd.Context(), a, args[0], (*client.Client).CancelOperation)
		}}
	_ = list.RegisterFlagCompletionFunc("state", cobra.FixedCompletions([]string{"pending", "running", "succeeded", "failed", "cancelled"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.AddCommand(list, get, wait, retry, cancel)
	return cmd
}

func runOperationList(ctx context.Context, a *app, state, object string, limit int) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	p := &client.ListOperationsParams{State: opt(client.ListOperationsParamsState(state))}
	if object != "" {
		id, err := operationID(object)
		if err != nil {
			return err
		}
		p.Object = &id
	}
	rows, err := collect(limit, func(q client.BackQuery) ([]client.Operation, string, error) {
		p.Limit, p.Before = opt(int64(q.Limit)), nil
		if q.Before != "" {
			id, err := operationID(q.Before)
			if err != nil {
				return nil, "", err
			}
			p.Before = &id
		}
		page, err := client.Read[client.OperationList](c.ListOperations(ctx, p))
		return page.Items, value(page.Next), err
	})
	if err != nil {
		return err
	}
	return a.print(a.operationReport(rows))
}

func operationID(text string) (openapi_types.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, usagef("%q is not an id", text)
	}
	return id, nil
}

func runOperationGet(ctx context.Context, a *app, text string) error {
	return runOperationVerb(ctx, a, text, func(c *client.Client, ctx context.Context, id openapi_types.UUID, edit ...client.RequestEditorFn) (*http.Response, error) {
		return c.GetOperation(ctx, id, &client.GetOperationParams{}, edit...)
	})
}

func runOperationVerb(ctx context.Context, a *app, text string, call func(*client.Client, context.Context, openapi_types.UUID, ...client.RequestEditorFn) (*http.Response, error)) error {
	id, err := operationID(text)
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	op, err := client.Read[client.Operation](call(c, ctx, id))
	if err != nil {
		return err
	}
	return a.printOperation(op)
}

func (a *app) printOperation(op client.Operation) error {
	r := a.operationReport([]client.Operation{op})
	r.data = op
	return a.print(r)
}

// runOperationWait shows the operation also when it failed.
func runOperationWait(ctx context.Context, a *app, id string) error {
	op, err := a.follow(ctx, id)
	if p := (*client.Problem)(nil); errors.As(err, &p) && p.Operation != nil {
		return errors.Join(a.printOperation(op), err)
	}
	if err != nil {
		return err
	}
	return a.printOperation(op)
}

func percent(n int64) string { return fmt.Sprintf("%d %%", n) }
