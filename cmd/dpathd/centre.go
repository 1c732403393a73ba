package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/centre/natskv"
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

func (o *centreConfig) check() error {
	if o.URL == "" || o.TokenFile == "" || o.Name == "" {
		return errors.New("centre: url, tokenFile and name are needed")
	}
	return nil
}

func (o *centreConfig) paths() []*string { return []*string{&o.TokenFile, &o.CA} }

// options say which document it is, and who follows it.
func (o *centreConfig) options() (out centre.Options, err error) {
	out = centre.Options{URL: o.URL, TokenFile: o.TokenFile, Name: o.Name}
	if o.CA != "" {
		out.CA, err = os.ReadFile(o.CA)
	}
	return out, err
}

// checkSource refuses rules from several places, and half a place.
func (c *fileConfig) checkSource() error {
	switch {
	case c.Rules != "" && c.followed():
		return errors.New("rules and centre or nats are both given; the rule document comes from one of them")
	case c.Centre != nil && c.NATS != nil:
		return errors.New("centre and nats are both given; the rule document comes from one of them")
	case c.Centre != nil:
		if err := c.Centre.check(); err != nil {
			return err
		}
	case c.NATS != nil:
		if err := c.NATS.check(); err != nil {
			return err
		}
		if c.NATS.Name == "" {
			return errors.New("nats: name is needed; give each process one of its own")
		}
	}
	if c.followed() && c.Snapshot == "" {
		return errors.New("snapshot is missing; it is what a start begins with while the centre or NATS is away")
	}
	return nil
}

// followed tells that the rules come from a centre, at once or by NATS.
func (c *fileConfig) followed() bool { return c.Centre != nil || c.NATS != nil }

// follow takes over rule documents from the centre until ctx ends; what it returns is closed then.
func (n *node) follow(ctx context.Context, health *dpath.Table) (<-chan struct{}, error) {
	switch {
	case n.config.Centre != nil:
		o, err := n.config.Centre.options()
		if err != nil {
			return nil, err
		}
		s, err := centre.Subscribe(ctx, n.takes(o, health))
		if err != nil {
			return nil, err
		}
		return s.Done(), n.tellLag(s)
	case n.config.NATS != nil:
		return n.followNATS(ctx, health)
	}
	done := make(chan struct{})
	close(done)
	return done, nil
}

func (n *node) followNATS(ctx context.Context, health *dpath.Table) (<-chan struct{}, error) {
	o := n.config.NATS
	nc, err := o.connect(o.Name, n.log)
	if err != nil {
		return nil, err
	}
	s, err := natskv.Follow(ctx, o.place(nc), n.takes(centre.Options{Name: o.Name}, health))
	if err != nil {
		nc.Close()
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		<-s.Done()
		nc.Close()
		close(done)
	}()
	return done, n.tellLag(s)
}

// tellLag makes a metric of how old the rules may be.
func (n *node) tellLag(s *centre.Subscription) error {
	return n.metrics.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "dpath_config_lag_seconds",
		Help: "For how long it has not been known that the rules in force are the newest."}, func() float64 { return s.Lag().Seconds() }))
}

// takes adds to options what becomes of a version here.
func (n *node) takes(o centre.Options, health *dpath.Table) centre.Options {
	o.Log, o.Apply, o.Report = n.log.With("follows", cmp.Or(o.URL, "NATS")), n.take, n.flow(health)
	if cfg := n.store.Current(); cfg != nil {
		o.Since = int64(min(cfg.Version(), math.MaxInt64)) // #nosec G115 -- it is no more than that
	}
	return o
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
		return shorten(f)
	}
}
