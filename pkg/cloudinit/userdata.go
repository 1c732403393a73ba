// Package cloudinit holds the cloud-config documents a guest is given at boot: their types, a parser that is strict
// about what it knows and tolerant about what it does not, and the NoCloud seed disk that carries them.
package cloudinit

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// UserData is the part of a cloud-config document that Plaza writes and plaza-init applies.
// Debian's cloud-init understands every field but Plaza, which it ignores.
type UserData struct {
	Hostname          string    `yaml:"hostname,omitempty"`
	FQDN              string    `yaml:"fqdn,omitempty"`
	SSHAuthorizedKeys []string  `yaml:"ssh_authorized_keys,omitempty"`
	DisableRoot       *bool     `yaml:"disable_root,omitempty"`
	SSHPasswordAuth   *bool     `yaml:"ssh_pwauth,omitempty"`
	WriteFiles        []File    `yaml:"write_files,omitempty"`
	BootCmd           []Command `yaml:"bootcmd,omitempty"` // at every boot, before the network is up
	RunCmd            []Command `yaml:"runcmd,omitempty"`  // once per instance-id, before services start
	Plaza             *Plaza    `yaml:"plaza,omitempty"`
}

// File is one entry of write_files, written once per instance-id.
type File struct {
	Path        string `yaml:"path"`
	Content     string `yaml:"content,omitempty"`
	Encoding    string `yaml:"encoding,omitempty"`    // "", "text/plain", "b64" or "base64"
	Owner       string `yaml:"owner,omitempty"`       // "user" or "user:group"; default root:root
	Permissions string `yaml:"permissions,omitempty"` // octal, default "0644"
	Append      bool   `yaml:"append,omitempty"`
}

// Bytes decodes the content.
func (f File) Bytes() ([]byte, error) {
	switch f.Encoding {
	case "", "text/plain":
		return []byte(f.Content), nil
	case "b64", "base64":
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(f.Content), ""))
	}
	return nil, fmt.Errorf("write_files %s: encoding %q is not supported (use text/plain or b64)", f.Path, f.Encoding)
}

// Mode is the parsed Permissions.
func (f File) Mode() (os.FileMode, error) {
	if f.Permissions == "" {
		return 0o644, nil
	}
	bits, err := strconv.ParseUint(strings.TrimPrefix(f.Permissions, "0o"), 8, 12)
	if err != nil {
		return 0, fmt.Errorf("write_files %s: permissions %q are not octal", f.Path, f.Permissions)
	}
	return os.FileMode(bits), nil
}

// Command is one entry of bootcmd or runcmd: a string for /bin/sh or an argument vector.
type Command struct {
	Shell string
	Args  []string
}

// Shell makes a command that /bin/sh interprets.
func Shell(line string) Command { return Command{Shell: line} }

// Exec makes a command run without a shell.
func Exec(args ...string) Command { return Command{Args: args} }

// Argv is what to execute.
func (c Command) Argv() []string {
	if len(c.Args) > 0 {
		return c.Args
	}
	return []string{"/bin/sh", "-c", c.Shell}
}

// MarshalYAML writes the form the command was given in.
func (c Command) MarshalYAML() (any, error) {
	if len(c.Args) > 0 {
		return c.Args, nil
	}
	return c.Shell, nil
}

// UnmarshalYAML reads a string or a list of scalars.
func (c *Command) UnmarshalYAML(unmarshal func(any) error) error {
	var raw any
	if err := unmarshal(&raw); err != nil {
		return err
	}
	switch value := raw.(type) {
	case string:
		c.Shell = value
	case []any:
		for _, item := range value {
			c.Args = append(c.Args, fmt.Sprint(item))
		}
	default:
		return fmt.Errorf("a command is a string or a list, not %T", raw)
	}
	return nil
}
