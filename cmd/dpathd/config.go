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
)

// fileConfig is the configuration file, YAML or JSON. Relative paths in it are
// relative to the file.
type fileConfig struct {
	// Rules is the path of the rule document.
	Rules string `yaml:"rules"`
	// Centre is where the rule document comes from instead of a file.
	Centre *centreConfig `yaml:"centre"`
	// Registry holds the nodes of each app and the members of each node group.
	Registry dpath.Registry `yaml:"registry"`
	// Snapshot is where the last good configuration is kept; may be empty without a centre.
	Snapshot string `yaml:"snapshot"`
	// Keys and ProbeKeys are the paths of key files.
	Keys      string `yaml:"keys"`
	ProbeKeys string `yaml:"probeKeys"`
	// Routes map path prefixes to apps; the gateway takes the longest match.
	Routes []route `yaml:"routes"`
	// Admin is the address of health and metrics; empty for none.
	Admin string `yaml:"admin"`
	// Health is the path by which nodes are probed; empty means /healthz.
	Health string `yaml:"health"`
}

type route struct {
	Prefix string `yaml:"prefix"`
	App    string `yaml:"app"`
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
	if c.Centre != nil {
		paths = append(paths, &c.Centre.TokenFile, &c.Centre.CA)
		if err := c.Centre.check(c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	if c.Keys == "" {
		return nil, fmt.Errorf("%s: keys is missing; name the file with the label keys", path)
	}
	for _, r := range c.Routes {
		if !strings.HasPrefix(r.Prefix, "/") || r.App == "" {
			return nil, fmt.Errorf("%s: route %q to %q: the prefix begins with / and the app has a name", path, r.Prefix, r.App)
		}
	}
	return c, nil
}

func readKeys(path string) (*dpath.Keyring, error) {
	f := &keyFile{}
	if err := readYAML(path, f); err != nil {
		return nil, err
	}
	keys := map[string][]byte{}
	for id, text := range f.Keys {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("%s: key %s is not base64", path, id)
		}
		keys[id] = key
	}
	ring, err := dpath.NewKeyring(f.Current, keys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
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
	if c.Centre == nil {
		return n.loadRules(c)
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
	if c.Rules == "" {
		return errors.New("rules is missing; name the rule document, or a centre that has it")
	}
	text, err := os.ReadFile(c.Rules) // #nosec G304 -- the operator names the file
	if err != nil {
		return err
	}
	doc, err := dpath.Parse(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Rules, err)
	}
	return n.lasting(n.store.Set(doc, &c.Registry))
}

// watch takes over changed rules and registries until ctx ends. A file that is
// refused is reported once and changes nothing.
func (n *node) watch(ctx context.Context, every time.Duration) {
	rules := n.config.Rules
	last := n.stamp(rules)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := n.stamp(rules)
		if now == last {
			continue
		}
		last = now
		c, err := readConfig(n.path)
		if err == nil {
			rules = c.Rules
			err = n.begin(c)
		}
		if err != nil {
			n.log.Error("the changed rules are refused; the last good ones stay", "error", err)
			continue
		}
		if cfg := n.store.Current(); cfg != nil {
			n.log.Info("rules in force", "version", cfg.Version(), "hash", cfg.Hash())
		}
	}
}

// stamp tells one state of the watched files from another.
func (n *node) stamp(rules string) string {
	var b strings.Builder
	for _, p := range []string{n.path, rules} {
		if st, err := os.Stat(p); err == nil {
			fmt.Fprintf(&b, "%d/%d ", st.ModTime().UnixNano(), st.Size())
		}
	}
	return b.String()
}
