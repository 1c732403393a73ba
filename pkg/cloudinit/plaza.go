package cloudinit

import (
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Plaza is the section of a cloud-config document that only plaza-init reads.
type Plaza struct {
	Volumes    []DataVolume `yaml:"volumes,omitempty"`
	Shares     []Share      `yaml:"shares,omitempty"`
	PostgreSQL *PostgreSQL  `yaml:"postgresql,omitempty"`
	Services   []Service    `yaml:"services,omitempty"`
}

// DataVolume is a disk of its own that is mounted before anything starts. A blank disk is given a file system that begins with
// what the image has at the path; one that has the label is mounted as it is, and is grown to its disk.
type DataVolume struct {
	Label string `yaml:"label"` // at most 12 characters
	Path  string `yaml:"path"`
}

// Share is a directory of CephFS that is mounted before anything starts, as its credentials tell.
type Share struct {
	Path     string   `yaml:"path"`               // where it is mounted
	Monitors []string `yaml:"monitors"`           // host:port
	FS       string   `yaml:"fs"`                 // name of the file system
	Source   string   `yaml:"source"`             // path within it
	Client   string   `yaml:"client"`             // with or without "client."
	Key      string   `yaml:"key"`                // of the client
	ReadOnly bool     `yaml:"readOnly,omitempty"` // whatever the client may
}

// PostgreSQLService is the name by which other services wait for the database.
const PostgreSQLService = "postgresql"

// Restart policies of a service.
const (
	RestartAlways    = "always"
	RestartOnFailure = "on-failure"
	RestartNever     = "never"
)

// Service is one supervised process.
type Service struct {
	Name      string            `yaml:"name"`
	Command   []string          `yaml:"command"`
	Env       map[string]string `yaml:"env,omitempty"`
	Directory string            `yaml:"directory,omitempty"` // default /
	User      string            `yaml:"user,omitempty"`      // default root
	Restart   string            `yaml:"restart,omitempty"`   // default always, with back-off
	After     []string          `yaml:"after,omitempty"`     // wait until these are ready
	Ready     *Ready            `yaml:"ready,omitempty"`     // default: ready as soon as it runs
	StopAfter time.Duration     `yaml:"stopAfter,omitempty"` // from SIGTERM to SIGKILL, default 10s
}

// Ready says when a service counts as up. Exactly one field is set.
type Ready struct {
	TCP  string `yaml:"tcp,omitempty"`  // host:port accepts a connection
	HTTP string `yaml:"http,omitempty"` // URL answers 2xx
	File string `yaml:"file,omitempty"` // path exists
}

// PostgreSQL asks for the image's own database server.
type PostgreSQL struct {
	Enabled   bool              `yaml:"enabled"`
	Listen    string            `yaml:"listen,omitempty"` // listen_addresses, default 127.0.0.1
	Port      int               `yaml:"port,omitempty"`   // default 5432
	Roles     []Role            `yaml:"roles,omitempty"`
	Databases []Database        `yaml:"databases,omitempty"`
	SQL       []string          `yaml:"sql,omitempty"`      // once, in one transaction, in the first database
	Allow     []string          `yaml:"allow,omitempty"`    // CIDRs that may log in with a password
	Settings  map[string]string `yaml:"settings,omitempty"` // postgresql.conf
}

// Role is a PostgreSQL role that may log in.
type Role struct {
	Name      string `yaml:"name"`
	Password  string `yaml:"password,omitempty"` // plain or a SCRAM-SHA-256 verifier
	Superuser bool   `yaml:"superuser,omitempty"`
}

// Database is a PostgreSQL database.
type Database struct {
	Name  string `yaml:"name"`
	Owner string `yaml:"owner,omitempty"`
}

var (
	volumeLabel = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,11}$`)
	serviceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	settingName = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)
)

// Validate names the first thing plaza-init could not carry out.
func (p *Plaza) Validate() error {
	if err := validateMounts(p.Volumes, p.Shares); err != nil {
		return err
	}
	if p.PostgreSQL != nil {
		if err := p.PostgreSQL.validate(); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	if p.PostgreSQL != nil && p.PostgreSQL.Enabled {
		known[PostgreSQLService] = true
	}
	for i := range p.Services {
		if err := p.Services[i].validate(known); err != nil {
			return err
		}
		known[p.Services[i].Name] = true
	}
	return nil
}

func validateMounts(volumes []DataVolume, shares []Share) error {
	labels, paths := map[string]bool{}, map[string]bool{}
	directory := func(section, p string) error {
		if !path.IsAbs(p) || path.Clean(p) != p || p == "/" {
			return fmt.Errorf("plaza.%s: path %q is not the absolute path of a directory", section, p)
		}
		if paths[p] {
			return fmt.Errorf("plaza.%s: path %s is named twice", section, p)
		}
		paths[p] = true
		return nil
	}
	for _, v := range volumes {
		if !volumeLabel.MatchString(v.Label) {
			return fmt.Errorf("plaza.volumes: label %q must be at most 12 lower-case letters, digits, - and _", v.Label)
		}
		if labels[v.Label] {
			return fmt.Errorf("plaza.volumes: %s is named twice", v.Label)
		}
		labels[v.Label] = true
		if err := directory("volumes", v.Path); err != nil {
			return err
		}
	}
	for _, s := range shares {
		if err := directory("shares", s.Path); err != nil {
			return err
		}
		if len(s.Monitors) == 0 || s.FS == "" || s.Client == "" || s.Key == "" || !path.IsAbs(s.Source) {
			return fmt.Errorf("plaza.shares: %s needs monitors, fs, source, client and key, as the share's credentials tell", s.Path)
		}
		for _, text := range append(s.Monitors, s.FS, s.Source, s.Client, s.Key) {
			if strings.ContainsAny(text, ",\n\x00") {
				return fmt.Errorf("plaza.shares: %s: %q cannot be passed to mount", s.Path, text)
			}
		}
	}
	return nil
}

// validate sees the names of earlier services: `after` may only look back, so there are no cycles.
func (s *Service) validate(earlier map[string]bool) error {
	switch {
	case !serviceName.MatchString(s.Name):
		return fmt.Errorf("plaza.services: name %q must be lower-case letters, digits, - and _", s.Name)
	case earlier[s.Name]:
		return fmt.Errorf("plaza.services: %s is named twice", s.Name)
	case len(s.Command) == 0:
		return fmt.Errorf("plaza.services: %s has no command", s.Name)
	case s.Restart != "" && !slices.Contains([]string{RestartAlways, RestartOnFailure, RestartNever}, s.Restart):
		return fmt.Errorf("plaza.services: %s: restart %q is not always, on-failure or never", s.Name, s.Restart)
	}
	for _, name := range s.After {
		if !earlier[name] {
			return fmt.Errorf("plaza.services: %s starts after %s, which is not enabled or is listed later", s.Name, name)
		}
	}
	return s.Ready.validate(s.Name)
}

func (r *Ready) validate(service string) error {
	if r == nil {
		return nil
	}
	set := 0
	for _, field := range []string{r.TCP, r.HTTP, r.File} {
		if field != "" {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("plaza.services: %s: ready takes exactly one of tcp, http, file", service)
	}
	return nil
}

func (p *PostgreSQL) validate() error {
	for _, cidr := range p.Allow {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("plaza.postgresql.allow: %q is not an address prefix such as 10.0.0.0/8", cidr)
		}
	}
	for name, value := range p.Settings {
		if !settingName.MatchString(name) || strings.ContainsAny(value, "\r\n\x00") {
			return fmt.Errorf("plaza.postgresql.settings: %q cannot be written to postgresql.conf", name)
		}
	}
	for _, name := range p.names() {
		if name == "" || len(name) > 63 || strings.ContainsRune(name, 0) {
			return fmt.Errorf("plaza.postgresql: name %q must have 1 to 63 bytes", name)
		}
	}
	if p.Port < 0 || p.Port > 65535 {
		return fmt.Errorf("plaza.postgresql.port: %d is not a port", p.Port)
	}
	return nil
}

func (p *PostgreSQL) names() []string {
	var names []string
	for _, role := range p.Roles {
		names = append(names, role.Name)
	}
	for _, database := range p.Databases {
		names = append(names, database.Name)
	}
	return names
}

// ListenPort is Port or PostgreSQL's own default.
func (p *PostgreSQL) ListenPort() int {
	if p.Port == 0 {
		return 5432
	}
	return p.Port
}
