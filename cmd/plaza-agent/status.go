package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/agents/agent"
)

func newStatusCommand() *cobra.Command {
	var dir, format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell how the agent of this host is",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runStatus(dir, format, cmd.OutOrStdout()) },
	}
	cmd.Flags().StringVar(&dir, "dir", defaultDir, "where the host's identity is kept")
	cmd.Flags().StringVarP(&format, "output", "o", "text", "text or json")
	return cmd
}

func runStatus(dir, format string, out io.Writer) error {
	if format != "text" && format != "json" {
		return usageError{fmt.Errorf("-o %q is not text or json", format)}
	}
	s, err := agent.ReadStatus(dir)
	if err != nil {
		return err
	}
	if format == "json" {
		err = json.NewEncoder(out).Encode(s)
	} else {
		err = printStatus(s, out)
	}
	if err == nil && !s.Running {
		err = errNotRunning
	}
	return err
}

func printStatus(s agent.Status, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "host\t%s (%s)\nbus\t%s\n", s.HostID, s.Name, s.BusURL) // Flush returns the error
	if s.Running {
		state := "not connected"
		if s.Connected {
			state = "connected"
		}
		_, _ = fmt.Fprintf(w, "agent\trunning, pid %d\nroles\t%s\nconnection\t%s since %s\n", s.PID, strings.Join(s.Roles, ", "), state, s.Since.Format(time.RFC3339))
		if slices.Contains(s.Roles, "kvm") {
			_, _ = fmt.Fprintf(w, "libvirt\tup: %t, %s\n", s.LibvirtUp, s.Libvirt)
		}
		_, _ = fmt.Fprintf(w, "calls\t%d under way\nevents lost\t%d\n", s.Calls, s.Dropped)
		if s.LastError != "" {
			_, _ = fmt.Fprintf(w, "last error\t%s\n", s.LastError)
		}
	}
	return w.Flush()
}
