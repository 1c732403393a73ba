// Package node makes a Go service one node of a dedicated path, with rules and
// nodes from files. A service of Plaza's own environments has both from a
// chain instead: see pkg/centre.
package node

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Join gives a process its place on the path: node name of an app, known by
// addr. dir holds rules.json, nodes.yaml, keys.yaml and probe-keys.yaml. The
// first two are read again each second until the process ends; a change that is
// refused leaves the last good ones in force.
func Join(dir, app, name, addr string) (p carrier.Peer, err error) {
	p = carrier.Peer{App: app, Node: name, Addr: addr}
	if p.Keys, err = keyring(filepath.Join(dir, "keys.yaml")); err != nil {
		return p, err
	}
	if p.ProbeKeys, err = keyring(filepath.Join(dir, "probe-keys.yaml")); err != nil {
		return p, err
	}
	if p.Store, err = dpath.NewStore(dpath.StoreOptions{}); err != nil {
		return p, err
	}
	f := &files{dir: dir, store: p.Store}
	if err = f.load(); err != nil {
		return p, err
	}
	go func() {
		for range time.Tick(time.Second) {
			if err := f.load(); err != nil {
				log.Print("the last good rules stay: ", err)
			}
		}
	}()
	return p, nil
}

func keyring(path string) (*dpath.Keyring, error) {
	var f struct {
		Current string            `yaml:"current"`
		Keys    map[string]string `yaml:"keys"`
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	keys := map[string][]byte{}
	for id, key := range f.Keys {
		if keys[id], err = base64.StdEncoding.DecodeString(key); err != nil {
			return nil, fmt.Errorf("%s: key %s is not base64", path, id)
		}
	}
	return dpath.NewKeyring(f.Current, keys)
}

// files are where rules and nodes come from.
type files struct {
	dir          string
	store        *dpath.Store
	rules, nodes []byte // as read last
}

// load puts rules and nodes in force together, when they have changed.
func (f *files) load() error {
	rules, err := os.ReadFile(filepath.Join(f.dir, "rules.json"))
	if err != nil {
		return err
	}
	nodes, err := os.ReadFile(filepath.Join(f.dir, "nodes.yaml"))
	if err != nil || bytes.Equal(rules, f.rules) && bytes.Equal(nodes, f.nodes) {
		return err
	}
	f.rules, f.nodes = rules, nodes
	doc, err := dpath.Parse(bytes.NewReader(rules))
	if err != nil {
		return err
	}
	registry := &dpath.Registry{}
	if err := yaml.Unmarshal(nodes, registry); err != nil {
		return err
	}
	return f.store.Set(doc, registry)
}
