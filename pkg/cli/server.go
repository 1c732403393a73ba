package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addServerCommands puts to the verbs of the kind what is not declared but done at once.
func addServerCommands(a *app, noun *cobra.Command) {
	replace(noun, newConsoleCommand(a), newStatsCommand(a), newGuestPasswordCommand(a), newServerBackupCommand(a), newServerBackupsCommand(a))
}

func servers(a *app) *kindCommand {
	n, _ := client.FindNoun("server")
	return &kindCommand{app: a, noun: n}
}

func newConsoleCommand(a *app) *cobra.Command {
	var bytes int64
	var follow, serial bool
	cmd := &cobra.Command{
		Use: "console NAME", Short: "Show the end of a server's serial console, or work at it", Args: cobra.ExactArgs(1), ValidArgsFunction: servers(a).completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if serial {
				return runSerial(cmd.Context(), a, args[0])
			}
			return runConsole(cmd.Context(), a, args[0], bytes, follow)
		},
	}
	cmd.Flags().Int64Var(&bytes, "bytes", 65536, "how much of its end")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on and show what is added")
	cmd.Flags().BoolVar(&serial, "serial", false, "work at it: keys go to the server, Ctrl-] leaves")
	cmd.MarkFlagsMutuallyExclusive("serial", "follow")
	cmd.MarkFlagsMutuallyExclusive("serial", "bytes")
	return cmd
}

func runConsole(ctx context.Context, a *app, name string, bytes int64, follow bool) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	t, err := servers(a).target(name)
	if err != nil {
		return err
	}
	seen := ""
	for {
		log, err := client.Read[client.ConsoleLog](c.ConsoleServer(ctx, t.ID, &client.ConsoleServerParams{Project: opt(t.Project), Bytes: &bytes}))
		if follow && errors.Is(err, context.Canceled) {
			return nil // that is how one ends it
		}
		if err != nil {
			return err
		}
		if !a.plain() && !follow {
			return a.print(report{header: []string{"TEXT"}, rows: [][]string{{log.Text}}, names: []string{name}, data: log})
		}
		fmt.Fprint(a.Out, added(seen, log.Text))
		if !follow {
			return nil
		}
		seen = log.Text
		if pause(ctx, time.Second) != nil {
			return nil //nolint:nilerr // as above
		}
	}
}

// added is what now has beyond before; both are ends of one growing text.
func added(before, now string) string {
	const known = 256
	tail := before[max(0, len(before)-known):]
	if i := strings.LastIndex(now, tail); i >= 0 && before != "" {
		return now[i+len(tail):]
	}
	return now
}

func newStatsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "stats NAME...", Short: "Show live counters of servers", Args: cobra.MinimumNArgs(1), ValidArgsFunction: servers(a).completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return runStats(cmd.Context(), a, args) },
	}
}

func runStats(ctx context.Context, a *app, names []string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	r := report{header: []string{"NAME", "CPU SECONDS", "MEMORY MIB", "READ", "WRITTEN", "RECEIVED", "SENT", "AT"}}
	var all []client.ServerStats
	for _, name := range names {
		t, err := servers(a).target(name)
		if err != nil {
			return err
		}
		s, err := client.Read[client.ServerStats](c.StatsServer(ctx, t.ID, &client.StatsServerParams{Project: opt(t.Project)}))
		if err != nil {
			return err
		}
		all = append(all, s)
		r.add(name, name, fmt.Sprintf("%.1f", float64(s.CpuNanos)/1e9), fmt.Sprint(s.MemoryRssKiB>>10), size(s.ReadBytes), size(s.WriteBytes), size(s.RxBytes), size(s.TxBytes), stamp(&s.ObservedAt))
	}
	r.data = all
	if len(all) == 1 {
		r.data = all[0]
	}
	return a.print(r)
}

// size writes bytes for people.
func size(n int64) string {
	f, units := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for len(units) > 1 && f >= 1024 {
		f, units = f/1024, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[0])
}
