package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newSearchCommand(a *app) *cobra.Command {
	var limit int64
	cmd := &cobra.Command{Use: "search TEXT", Short: "Find objects of any kind by id, name or label", Args: cobra.MinimumNArgs(1),
		Long: "Find objects of any kind, in all projects that you see: by id, or several, by the beginning of the name, or by words that all stand in the name or in the " +
			"value of a label. Of a kind with more than fits, plaza KIND list --search has it all.",
		Example: "  plaza search web-1\n  plaza search dailymart till",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.ContainsFunc(args, func(id string) bool { return uuid.Validate(id) != nil }) {
				return runSearchIDs(cmd.Context(), a, args)
			}
			return runSearch(cmd.Context(), a, strings.Join(args, " "), limit)
		}}
	cmd.Flags().Int64Var(&limit, "limit", 5, "at most so many of each kind, 50 at most")
	return cmd
}

func runSearch(ctx context.Context, a *app, text string, limit int64) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	found, err := client.Read[client.HitList](c.Search(ctx, &client.SearchParams{Q: text, Limit: &limit}))
	if err != nil {
		return err
	}
	if err := a.print(a.hits(ctx, found.Items)); err != nil || len(found.More) == 0 || !a.plain() {
		return err
	}
	fmt.Fprintf(a.Err, "There is or may be more of: %s. See all with: plaza KIND list --search %q\n", strings.Join(found.More, ", "), text)
	return nil
}

// runSearchIDs tells what is behind ids.
func runSearchIDs(ctx context.Context, a *app, ids []string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	found, err := client.Read[client.HitList](c.SearchIds(ctx, &client.SearchIdsParams{Id: ids}))
	if err != nil {
		return err
	}
	return a.print(a.hits(ctx, found.Items))
}

func (a *app) hits(ctx context.Context, items []client.Hit) report {
	r := report{header: []string{"KIND", "NAME", "PHASE", "PROJECT", "ID"}, data: items}
	for _, h := range items {
		r.add(h.Kind+"/"+h.Name, h.Kind, h.Name, value(h.Phase), a.nodeName(ctx, value(h.Project)), h.Id.String())
	}
	return r
}
