// Command plaza manages a Plaza installation from the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/plazacloud/plaza/pkg/cli"
)

// version is set by the linker.
var version = "devel"

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, os.Args[1:], cli.System(version))
}
