package cli

import (
	"context"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Show the versions of plaza and of the server", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVersion(cmd.Context(), a) }}
}

// runVersion tells its own version also when there is no server.
func runVersion(ctx context.Context, a *app) error {
	out := map[string]string{"client": a.Version, "go": runtime.Version()}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if c, err := a.connect(); err == nil {
		if v, err := client.Read[client.Version](c.GetVersion(ctx)); err == nil {
			out["server"] = v.Version
		}
	}
	r := report{header: []string{"CLIENT", "SERVER", "GO"}, data: out}
	r.add(a.Version, out["client"], out["server"], out["go"])
	return a.print(r)
}
