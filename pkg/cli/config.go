package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"
)

// Config is the file of contexts. It holds secrets and is kept with mode 0600.
type Config struct {
	Current  string              `yaml:"current,omitempty"`
	Contexts map[string]*Context `yaml:"contexts,omitempty"`

	path string
}

// Context is a server and who one is there.
type Context struct {
	Server   string `yaml:"server"`
	User     string `yaml:"user,omitempty"`
	Token    string `yaml:"token,omitempty"`
	Project  string `yaml:"project,omitempty"`
	CA       string `yaml:"ca,omitempty"` // path
	Insecure bool   `yaml:"insecure,omitempty"`
}

// configPath is PLAZA_CONFIG, or config.yaml in the user's folder for plaza.
func (a *app) configPath() (string, error) {
	if p := a.Getenv("PLAZA_CONFIG"); p != "" {
		return p, nil
	}
	dir := a.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home := a.Getenv("HOME")
		if home == "" {
			return "", errors.New("HOME is not set; name the file of contexts with PLAZA_CONFIG")
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "plaza", "config.yaml"), nil
}

// contexts reads the file of contexts once; a missing one is empty.
func (a *app) contexts() (*Config, error) {
	if a.config != nil {
		return a.config, nil
	}
	path, err := a.configPath()
	if err != nil {
		return nil, err
	}
	c := &Config{}
	text, err := os.ReadFile(path) // #nosec G304 -- the user's own file
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s is not a file of contexts: %w", path, err)
	}
	if c.path = path; c.Contexts == nil {
		c.Contexts = map[string]*Context{}
	}
	a.config = c
	return c, nil
}

// save replaces the file at once, so that a crash leaves the old or the new one.
func (c *Config) save() error {
	text, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	return whole(c.path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// whole writes a file with mode 0600 that is there as a whole or not at all; an older one of that name is kept until then.
func whole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then, or is of no use
	out := bufio.NewWriter(f)
	if err := errors.Join(write(out), out.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// chosen returns the context in use and its name; an empty one when there is none.
func (a *app) chosen() (string, *Context, error) {
	c, err := a.contexts()
	if err != nil {
		return "", nil, err
	}
	name := first(a.o.context, a.Getenv("PLAZA_CONTEXT"))
	if name == "" {
		if c.Current != "" && c.Contexts[c.Current] != nil {
			return c.Current, c.Contexts[c.Current], nil
		}
		return "", &Context{}, nil
	}
	ctx, ok := c.Contexts[name]
	if !ok {
		return name, nil, usagef("there is no context %q; list them with: plaza context list", name)
	}
	return name, ctx, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
