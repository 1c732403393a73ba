package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/centre/natskv"
)

// relayConfig is the relay's configuration file.
type relayConfig struct {
	Centre *centreConfig `yaml:"centre"`
	NATS   *natsConfig   `yaml:"nats"`
	// Snapshot is where the last version is kept, for a start without the centre and with a NATS that lost it; may be empty.
	Snapshot string `yaml:"snapshot"`
}

func newRelayCommand() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "relay",
		Short: "Follow a config of Plaza for all processes that have a NATS in common",
		Long: `Follow a config of Plaza for all processes that have a NATS in common.

Each version is put into a key of a JetStream bucket, which gateways, sidecars
and programs watch (nats: in place of centre:). The relay acknowledges it when
all of them have it, and says who refuses it or does not answer. It keeps
nothing that is not in Plaza or NATS, so two may run beside each other.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runRelay(c.Context(), config, slog.New(slog.NewTextHandler(os.Stderr, nil)))
		},
	}
	c.Flags().StringVar(&config, "config", "", "configuration file (YAML or JSON)")
	_ = c.MarkFlagRequired("config")
	return c
}

func readRelayConfig(path string) (*relayConfig, error) {
	c := &relayConfig{}
	if err := readYAML(path, c); err != nil {
		return nil, err
	}
	if c.Centre == nil || c.NATS == nil {
		return nil, fmt.Errorf("%s: centre and nats are needed; one says what is relayed, the other where to", path)
	}
	if err := errors.Join(c.Centre.check(), c.NATS.check()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.NATS.Name != "" {
		return nil, fmt.Errorf("%s: nats.name is for those who follow; a relay is known by centre.name", path)
	}
	relativeTo(path, append(append(c.Centre.paths(), c.NATS.paths()...), &c.Snapshot)...)
	return c, nil
}

// runRelay relays until ctx ends.
func runRelay(ctx context.Context, path string, log *slog.Logger) error {
	c, err := readRelayConfig(path)
	if err != nil {
		return err
	}
	options, err := c.Centre.options()
	if err != nil {
		return err
	}
	options.Snapshot, options.Log = c.Snapshot, log.With("centre", c.Centre.URL)
	nc, err := c.NATS.connect(c.Centre.Name, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	s, err := natskv.Relay(ctx, c.NATS.place(nc), natskv.RelayOptions{Options: options, Merge: mergeFlows})
	if err != nil {
		return err
	}
	<-s.Done()
	return nil
}
