// Command dpathd is the dedicated-path gateway and sidecar, for services in any
// language.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the build.
var version = "dev"

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a proxy keeps little and allocates much: at 100 it would collect all the time
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRoot().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dpathd:", err)
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "dpathd",
		Short:         "Dedicated-path gateway and sidecar proxy",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newGatewayCommand(), newSidecarCommand(), newHAProxyCommand(), newVerifyCommand(), newXDSCommand(), newRelayCommand())
	return root
}
