package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/plazacloud/plaza/agents/agent"
)

const defaultDir = "/var/lib/plaza-agent"

type enrolOptions struct {
	agent.EnrolOptions
	caFile    string
	tokenFile string
}

func (o *enrolOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.Server, "server", "", "address of the Plaza server, https://host:port")
	f.StringVar(&o.Token, "token", "", "one-time enrolment token; others on this machine may see it in the process list")
	f.StringVar(&o.tokenFile, "token-file", "", "file with the token, - for standard input")
	f.StringVar(&o.caFile, "ca", "", "PEM file of the server's certificate authority (default: the system's)")
	f.StringVar(&o.Fingerprint, "fingerprint", "", "SHA-256 of the server's or its authority's certificate, instead of --ca")
	f.StringVar(&o.Dir, "dir", defaultDir, "where the host's identity is kept")
	f.StringVar(&o.Name, "name", "", "name of the host (default: the machine's)")
	f.StringSliceVar(&o.Roles, "roles", []string{"kvm"}, "what the host is for: kvm, and in plaza-agent-ceph also ceph")
}

func newEnrolCommand() *cobra.Command {
	var o enrolOptions
	cmd := &cobra.Command{
		Use:   "enrol --server URL --token TOKEN",
		Short: "Make this host known to a Plaza server",
		Long:  "Make this host known to a Plaza server. Doing it again changes nothing.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runEnrol(cmd.Context(), o, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return usageError{err}
	}
	return nil
}

func runEnrol(ctx context.Context, o enrolOptions, in io.Reader, out io.Writer) error {
	if o.tokenFile != "" {
		token, err := readToken(o.tokenFile, in)
		if err != nil {
			return usageError{fmt.Errorf("reading the token: %w", err)}
		}
		o.Token = token
	}
	if o.caFile != "" {
		ca, err := os.ReadFile(o.caFile)
		if err != nil {
			return usageError{fmt.Errorf("reading the CA: %w", err)}
		}
		o.CA = ca
	}
	if err := checkRoles(o.Roles); err != nil {
		return err
	}
	o.Version = agentVersion()
	id, already, err := agent.Enrol(ctx, o.EnrolOptions)
	if err != nil {
		return err
	}
	verb := "enrolled as"
	if already {
		verb = "already enrolled as"
	}
	_, err = fmt.Fprintf(out, "%s host %s (%s) at %s\n", verb, id.HostID, id.Name, id.Server)
	return err
}

func readToken(path string, in io.Reader) (string, error) {
	if path == "-" {
		blob, err := io.ReadAll(io.LimitReader(in, 64<<10))
		return strings.TrimSpace(string(blob)), err
	}
	blob, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	return strings.TrimSpace(string(blob)), err
}
