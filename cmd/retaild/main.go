// Command retaild is the bundled retail middle platform: its service centres, its entry, and the
// tools that prepare, fill and verify them, in one static binary.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var version = "dev" // set with -ldflags "-X main.version=…"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "retaild:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "retaild",
		Short:         "The retail middle platform: product, inventory and trade centres and their entry",
		Long:          "Every flag can be set by the environment: --database-url is PLAZA_RETAIL_DATABASE_URL, and so on.",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return fromEnvironment(cmd.Flags(), os.LookupEnv)
		},
	}
	root.AddCommand(newRunCommand(), newGatewayCommand(), newMigrateCommand(), newSeedCommand(), newVerifyCommand(),
		newPasswordCommand(), newVersionCommand())
	return root
}

// fromEnvironment sets every flag that is not given from PLAZA_RETAIL_<FLAG>.
func fromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "PLAZA_RETAIL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if v, ok := lookup(name); ok && !f.Changed && failed == nil {
			if err := flags.Set(f.Name, v); err != nil {
				failed = fmt.Errorf("%s: %w", name, err)
			}
		}
	})
	return failed
}

func newLog(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version)
			return err
		},
	}
}
