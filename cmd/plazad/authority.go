package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/bus"
)

func busDir(c config) string { return filepath.Join(c.Dir, "bus") }

// newAuthorityCommand changes the authority that the bus' certificate is issued by. An agent that has not heard of the next
// one stays away as long as that is used, and comes back when the former is used again.
func newAuthorityCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "authority", Short: "Change the authority of the bus' certificate: add, use, drop", Args: cobra.NoArgs}
	step := func(use, short, next string, do func(bus.Authorities) error) {
		var o options
		sub := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.load()
			if err != nil {
				return err
			}
			a, err := bus.OpenAuthorities(busDir(c))
			if err != nil {
				return fmt.Errorf("%w; say which folder with --dir", err)
			}
			if err := do(a); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), next)
			return err
		}}
		o.AddFlags(sub)
		cmd.AddCommand(sub)
	}
	step("add", "Make another authority, which issues nothing yet",
		"start plazad anew, tell every host: plaza runbook run certificate-rotation --param host=NAME, then: plazad authority use", bus.Authorities.Add)
	step("use", "Issue the bus' certificate by the other authority; done again it changes back",
		"start plazad anew; when every host is back: plazad authority drop", bus.Authorities.Use)
	step("drop", "Forget the authority that is not in use",
		"start plazad anew; agents trust the one that is left alone after their next certificate-rotation", bus.Authorities.Drop)
	return cmd
}
