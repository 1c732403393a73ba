package main

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
)

// config is read from the defaults, a YAML file, the environment (PLAZAD_LISTEN …) and flags, each over the one before.
type config struct {
	Dir       string `koanf:"dir"`        // state: database, keys, bus
	Database  string `koanf:"database"`   // sqlite:///… or postgres://…
	Listen    string `koanf:"listen"`     // REST API and portal
	BusListen string `koanf:"bus_listen"` // where agents connect
	Node      string `koanf:"node"`       // name of this control plane node; stable over restarts
	LogLevel  string `koanf:"log_level"`
	TLSCert   string `koanf:"tls_cert"`
	TLSKey    string `koanf:"tls_key"`

	SecondFactor string `koanf:"second_factor"` // required, or nothing

	ImageMaxGiB   int64 `koanf:"image_max_gib"`   // of an image that is uploaded
	ImageStoreGiB int64 `koanf:"image_store_gib"` // of all of them, which the database keeps
}

func newConfig() config {
	node, err := os.Hostname()
	if err != nil || node == "" {
		node = "plazad"
	}
	return config{Dir: "/var/lib/plaza", Listen: "127.0.0.1:7710", BusListen: "127.0.0.1:7711", Node: node, LogLevel: "info", ImageMaxGiB: 16, ImageStoreGiB: 64}
}

// options are what the command line says.
type options struct {
	file  string
	flags config
}

func (o *options) AddFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.file, "config", "", "YAML file with settings")
	f.StringVar(&o.flags.Dir, "dir", "", "directory for state (default /var/lib/plaza)")
	f.StringVar(&o.flags.Database, "database", "", "sqlite:///path or postgres://… (default a SQLite file in --dir)")
	f.StringVar(&o.flags.Listen, "listen", "", "address of the REST API and the portal (default 127.0.0.1:7710)")
	f.StringVar(&o.flags.BusListen, "bus-listen", "", "address agents connect to (default 127.0.0.1:7711)")
	f.StringVar(&o.flags.Node, "node", "", "name of this node, stable over restarts (default the host's name)")
	f.StringVar(&o.flags.LogLevel, "log-level", "", "debug, info, warn or error (default info)")
	f.StringVar(&o.flags.TLSCert, "tls-cert", "", "certificate of the REST API")
	f.StringVar(&o.flags.TLSKey, "tls-key", "", "its key")
	f.Int64Var(&o.flags.ImageMaxGiB, "image-max-gib", 0, "largest image that may be uploaded (default 16)")
	f.Int64Var(&o.flags.ImageStoreGiB, "image-store-gib", 0, "room for images that are uploaded, in the database (default 64)")
	f.StringVar(&o.flags.SecondFactor, "second-factor", "", "required: whoever signs in by a password must make one first")
}

func (o *options) load() (config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(newConfig(), "koanf"), nil); err != nil {
		return config{}, err
	}
	if o.file != "" {
		if err := k.Load(file.Provider(o.file), yaml.Parser()); err != nil {
			return config{}, fmt.Errorf("settings file: %w", err)
		}
	}
	environment := env.Provider(".", env.Opt{Prefix: "PLAZAD_", TransformFunc: func(key, value string) (string, any) {
		return strings.ToLower(strings.TrimPrefix(key, "PLAZAD_")), value
	}})
	if err := k.Load(environment, nil); err != nil {
		return config{}, err
	}
	given := koanf.New(".")
	if err := given.Load(structs.Provider(o.flags, "koanf"), nil); err != nil {
		return config{}, err
	}
	for _, key := range given.Keys() {
		if v := given.String(key); v != "" && v != "0" {
			if err := k.Set(key, v); err != nil {
				return config{}, err
			}
		}
	}
	c := config{}
	if err := k.Unmarshal("", &c); err != nil {
		return config{}, err
	}
	if c.Database == "" {
		c.Database = "sqlite://" + filepath.Join(c.Dir, "plaza.db")
	}
	return c, c.validate()
}

func (c config) validate() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("tls-cert and tls-key go together")
	}
	if c.SecondFactor != "" && c.SecondFactor != "required" {
		return fmt.Errorf("second-factor %q: required, or nothing", c.SecondFactor)
	}
	if c.ImageMaxGiB < 1 || c.ImageStoreGiB < c.ImageMaxGiB || c.ImageStoreGiB > 1<<20 {
		return fmt.Errorf("image-max-gib %d and image-store-gib %d: at least 1, and the store holds one at least", c.ImageMaxGiB, c.ImageStoreGiB)
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listen %q: %w", c.Listen, err)
	}
	if ip := net.ParseIP(host); c.TLSCert == "" && (ip == nil || !ip.IsLoopback()) && host != "localhost" {
		return fmt.Errorf("listen %q is not loopback: passwords would cross the network in the clear; give tls-cert and tls-key", c.Listen)
	}
	return nil
}

func (c config) log() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}
