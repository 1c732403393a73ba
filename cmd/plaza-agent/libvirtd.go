package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
)

func newLibvirtdCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "libvirtd",
		Short: "Run a libvirtd of the agent's own in the foreground",
		Long: "Run a libvirtd of the agent's own in the foreground, for a machine that runs none. Its URI is printed; give it\n" +
			"to plaza-agent run --libvirt.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runLibvirtd(cmd.Context(), dir, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", filepath.Join(defaultDir, "libvirtd"), "where its sockets and state are kept; short, for sockets live there")
	return cmd
}

func runLibvirtd(ctx context.Context, dir string, out, errOut io.Writer) error {
	if os.Geteuid() != 0 {
		return errors.New("a libvirtd of the agent's own needs root")
	}
	in, err := libvirtd.Start(ctx, dir, errOut)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, in.URI()); err != nil {
		in.Stop()
		return err
	}
	select {
	case <-ctx.Done():
		in.Stop()
		<-in.Done()
	case <-in.Done():
	}
	if ctx.Err() == nil { // no signal ended it
		return errors.New("libvirtd ended by itself; its messages are above")
	}
	return nil
}
