package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
)

// fileConfig is the configuration file, YAML or JSON. Relative paths in it are
// relative to the file.
type fileConfig struct {
	// Rules is the path of the rule document.
	Rules string `yaml:"rules"`
	// Centre is where the rule document comes from instead of a file.
	Centre *centreConfig `yaml:"centre"`
	// NATS is where the rule document comes from when a relay puts it there.
	NATS *natsConfig `yaml:"nats"`
	// Registry holds the nodes of each app and the members of each node group.
	Registry dpath.Registry `yaml:"registry"`
	// Snapshot is where the last good configuration is kept; may be empty when rules come from a file.
	Snapshot string `yaml:"snapshot"`
	// Keys and ProbeKeys are the paths of key files.
	Keys      string `yaml:"keys"`
	ProbeKeys string `yaml:"probeKeys"`
	// Config holds the gateway's routes.
	gateway.Config `yaml:",inline"`
	// TLS is how the gateway is reached by TLS; nil for not at all.
	TLS *gateway.TLS `yaml:"tls"`
	// Admin is the address of health, metrics and CPU profiles; empty for none.
	Admin string `yaml:"admin"`
	// Health is the path by which nodes are probed; empty means /healthz.
	Health string `yaml:"health"`
}

// keyFile names the signing key and holds all keys in base64.
type keyFile struct {
	Current string            `yaml:"current"`
	Keys    map[string]string `yaml:"keys"`
}

func readYAML(path string, into any) error {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func readConfig(path string) (*fileConfig, error) {
	c := &fileConfig{}
	if err := readYAML(path, c); err != nil {
		return nil, err
	}
	paths := []*string{&c.Rules, &c.Snapshot, &c.Keys, &c.ProbeKeys}
	if err := c.checkSource(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.Centre != nil {
		paths = append(paths, c.Centre.paths()...)
	}
	if c.NATS != nil {
		paths = append(paths, c.NATS.paths()...)
	}
	if c.TLS != nil {
		paths = append(paths, &c.TLS.Cert, &c.TLS.Key, &c.TLS.ClientCA)
	}
	relativeTo(path, paths...)
	if c.Keys == "" {
		return nil, fmt.Errorf("%s: keys is missing; name the file with the label keys", path)
	}
	return c, nil
}

// relativeTo makes relative paths ones from the folder of a file.
func relativeTo(file string, paths ...*string) {
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(file), *p)
		}
	}
}

func readKeys(path string) (*dpath.Keyring, error) {
	current, keys, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	ring, err := dpath.NewKeyring(current, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

func readKeyFile(path string) (current string, keys map[string][]byte, err error) {
	f := &keyFile{}
	if err := readYAML(path, f); err != nil {
		return "", nil, err
	}
	keys = map[string][]byte{}
	for id, text := range f.Keys {
		if keys[id], err = base64.StdEncoding.DecodeString(text); err != nil {
			return "", nil, fmt.Errorf("%s: key %s is not base64", path, id)
		}
	}
	return f.Current, keys, nil
}

// node is one running dpathd: what gateway and sidecar have in common.
type node struct {
	path    string
	config  *fileConfig
	store   *dpath.Store
	metrics *prometheus.Registry
	peer    *httpdpath.Peer
	log     *slog.Logger
}

// newNode reads everything and puts the rules in force.
func newNode(path string, log *slog.Logger) (*node, error) {
	c, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	n := &node{path: path, config: c, metrics: prometheus.NewRegistry(), log: log}
	metrics, err := dpath.NewMetrics(n.metrics)
	if err != nil {
		return nil, err
	}
	n.store, err = dpath.NewStore(dpath.StoreOptions{Snapshot: c.Snapshot, Metrics: metrics})
	if err != nil {
		log.Warn("the snapshot is not used", "error", err)
	}
	keys, err := readKeys(c.Keys)
	if err != nil {
		return nil, err
	}
	n.peer = &httpdpath.Peer{Peer: carrier.Peer{Store: n.store, Keys: keys, Metrics: metrics}}
	if c.ProbeKeys != "" {
		if n.peer.ProbeKeys, err = readKeys(c.ProbeKeys); err != nil {
			return nil, err
		}
	}
	if err := n.begin(c); err != nil {
		if n.store.Current() == nil {
			return nil, err
		}
		log.Warn("the rules are refused; the snapshot stays in force", "error", err)
	}
	return n, nil
}

// begin puts in force what the file holds: all of it, or the registry alone when the rules come from a centre.
func (n *node) begin(c *fileConfig) error {
	if !c.followed() {
		return n.loadRules(c)
	}
	if len(c.Registry.Apps) == 0 {
		return nil // the centre has the nodes too
	}
	return n.lasting(n.store.SetRegistry(&c.Registry))
}

// lasting takes a snapshot that could not be written for a warning: what it should hold is in force.
func (n *node) lasting(err error) error {
	if errors.Is(err, dpath.ErrSnapshot) {
		n.log.Warn("the snapshot could not be written", "error", err)
		return nil
	}
	return err
}

// loadRules puts the file's rules and registry in force.
func (n *node) loadRules(c *fileConfig) error {
	doc, err := readRules(c)
	if err != nil {
		return err
	}
	return n.lasting(n.store.Set(doc, &c.Registry))
}

func readRules(c *fileConfig) (*dpath.Document, error) {
	if c.Rules == "" {
		return nil, errors.New("rules is missing; name the rule document, or a centre that has it")
	}
	text, err := os.ReadFile(c.Rules) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, err
	}
	doc, err := dpath.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Rules, err)
	}
	return doc, nil
}

// watch takes over changed rules, registries and what else part reads of the
// file until ctx ends. A change that is refused is reported once and changes
// nothing.
func (n *node) watch(ctx context.Context, every time.Duration, part func(*fileConfig) (use func(), err error)) {
	c := n.config
	last := n.stamp(c)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := n.stamp(c)
		if now == last {
			continue
		}
		last = now
		fresh, err := n.reload(part)
		if err != nil {
			n.log.Error("the changed configuration is refused; the last good one stays", "error", err)
			continue
		}
		c = fresh
		if last = n.stamp(c); last != now {
			last = "" // another set of files is watched now; look at them again
		}
		if cfg := n.store.Current(); cfg != nil {
			n.log.Info("configuration in force", "version", cfg.Version(), "hash", cfg.Hash())
		}
	}
}

// reload takes the whole file over, or nothing of it.
func (n *node) reload(part func(*fileConfig) (use func(), err error)) (*fileConfig, error) {
	c, err := readConfig(n.path)
	if err != nil {
		return nil, err
	}
	use, err := part(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.path, err)
	}
	if err := n.begin(c); err != nil {
		return nil, err
	}
	use()
	return c, nil
}

// stamp tells one state of the watched files from another.
func (n *node) stamp(c *fileConfig) string {
	paths := []string{n.path, c.Rules}
	if c.TLS != nil {
		paths = append(paths, c.TLS.Cert, c.TLS.Key, c.TLS.ClientCA)
	}
	var b strings.Builder
	for _, p := range paths {
		if st, err := os.Stat(p); err == nil {
			fmt.Fprintf(&b, "%s %d/%d ", p, st.ModTime().UnixNano(), st.Size())
		}
	}
	return b.String()
}
