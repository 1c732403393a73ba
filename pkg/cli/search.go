package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newSearchCommand(a *app) *cobra.Command {
	var limit int64
	cmd := &cobra.Command{Use: "search TEXT", Short: "Find objects of any kind by id, name or label", Args: cobra.MinimumNArgs(1),
		Long: "Find objects of any kind, in all projects that you see: by id, by the beginning of the name, or by words that all stand in the name or in the " +
			"value of a label. Of a kind with more than fits, plaza KIND list --search has it all.",
		Example: "  plaza search web-1\n  plaza search dailymart till",
		RunE: func(cmd *cobra.Command, args []string) error {
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
	r := report{header: []string{"KIND", "NAME", "PHASE", "PROJECT", "ID"}, data: found.Items}
	for _, h := range found.Items {
		r.add(h.Kind+"/"+h.Name, h.Kind, h.Name, value(h.Phase), a.nodeName(ctx, value(h.Project)), h.Id.String())
	}
	if err := a.print(r); err != nil || len(found.More) == 0 || !a.plain() {
		return err
	}
	fmt.Fprintf(a.Err, "There is or may be more of: %s. See all with: plaza KIND list --search %q\n", strings.Join(found.More, ", "), text)
	return nil
}
