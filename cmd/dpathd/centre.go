package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/dpath"
)

// centreConfig says which config of a Plaza is the rule document.
type centreConfig struct {
	// URL is SERVER/v1/configs/NAME?project=PROJECT, of a rule document or of what a dpathchain publishes, which is named
	// as the chain is and has the nodes in it.
	URL string `yaml:"url"`
	// TokenFile holds an API token of the role subscriber; it is read for each connection.
	TokenFile string `yaml:"tokenFile"`
	// CA is the PEM file of the server's authority; empty means the system's.
	CA string `yaml:"ca"`
	// Name tells this process from the others that follow the document.
	Name string `yaml:"name"`
}

func (o *centreConfig) check(c *fileConfig) error {
	switch {
	case c.Rules != "":
		return errors.New("rules and centre are both given; the rule document comes from one of them")
	case o.URL == "" || o.TokenFile == "" || o.Name == "":
		return errors.New("centre: url, tokenFile and name are needed")
	case c.Snapshot == "":
		return errors.New("snapshot is missing; with a centre it is what a start begins with while the centre is away")
	}
	return nil
}

// follow takes over rule documents from the centre until ctx ends; what it returns is closed then.
func (n *node) follow(ctx context.Context, health *dpath.Table) (<-chan struct{}, error) {
	o := n.config.Centre
	if o == nil {
		done := make(chan struct{})
		close(done)
		return done, nil
	}
	options := centre.Options{URL: o.URL, TokenFile: o.TokenFile, Name: o.Name, Log: n.log.With("centre", o.URL), Apply: n.take, Report: n.flow(health)}
	if o.CA != "" {
		var err error
		if options.CA, err = os.ReadFile(o.CA); err != nil {
			return nil, err
		}
	}
	if cfg := n.store.Current(); cfg != nil {
		options.Since = int64(min(cfg.Version(), math.MaxInt64)) // #nosec G115 -- it is no more than that
	}
	s, err := centre.Subscribe(ctx, options)
	if err != nil {
		return nil, err
	}
	return s.Done(), nil
}

// take puts a version in force. The centre's number becomes the document's own version, whatever that says, so that a
// rollback, which has a higher one, is not older than what it replaces.
func (n *node) take(v centre.Version) error {
	number := uint64(v.Number) // #nosec G115 -- it is 1 or more
	switch v.Format {
	case "dpath":
		doc, err := dpath.Parse(strings.NewReader(v.Document))
		if err != nil {
			return err
		}
		doc.Version = number
		return n.lasting(n.store.Apply(doc))
	case "dpath-release":
		r, err := dpath.ParseRelease(strings.NewReader(v.Document))
		if err != nil {
			return err
		}
		r.Document.Version = number
		return n.lasting(n.store.Take(r))
	}
	return fmt.Errorf("the config is %s, not a rule document; its format must be dpath or dpath-release", v.Format)
}

// flow tells the centre what was decided since it was told last, and which nodes can be used.
func (n *node) flow(health *dpath.Table) func() any {
	meter := dpath.NewFlowMeter(n.peer.Metrics)
	return func() any {
		f := meter.Flow()
		if cfg := n.store.Current(); cfg != nil {
			f.Lanes = cfg.Lanes(health.View(cfg))
		}
		return f
	}
}
