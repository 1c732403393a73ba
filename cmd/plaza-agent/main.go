// Command plaza-agent is the one agent of a node: it enrols the host at a Plaza server and does what it is asked.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set when building a release.
var version = ""

func main() { os.Exit(mainCode(os.Args[1:], os.Stdout, os.Stderr)) }

func mainCode(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := newRootCommand()
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	err := cmd.ExecuteContext(ctx)
	if err != nil {
		explain(errOut, err)
	}
	return exitCode(err)
}

func newRootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "plaza-agent",
		Short:         "The agent of a Plaza host",
		Version:       agentVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: "plaza-agent enrols this host at a Plaza server, runs its servers, volumes and networks, and tells how it is.\n\n" +
			exitCodesHelp,
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.AddCommand(newEnrolCommand(), newRunCommand(), newLibvirtdCommand(), newStatusCommand())
	return cmd
}

type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func agentVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

func newLogger(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level %q is not debug, info, warn or error", level)}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}
