package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// load reads the settings as the command line args would.
func load(t *testing.T, args ...string) (config, error) {
	t.Helper()
	var o options
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
	o.AddFlags(cmd)
	cmd.SetArgs(args)
	require.NoError(t, cmd.Execute())
	return o.load()
}

func TestLaterSettingsWin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plazad.yaml")
	require.NoError(t, os.WriteFile(file, []byte("listen: 127.0.0.1:1\nnode: file\nlog_level: warn\n"), 0o600))
	c, err := load(t)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7710", c.Listen)
	require.Equal(t, "sqlite:///var/lib/plaza/plaza.db", c.Database)

	c, err = load(t, "--config", file)
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1:1", "file", "warn", "127.0.0.1:7711"}, []string{c.Listen, c.Node, c.LogLevel, c.BusListen})

	t.Setenv("PLAZAD_NODE", "environment")
	t.Setenv("PLAZAD_LISTEN", "127.0.0.1:2")
	c, err = load(t, "--config", file, "--listen", "127.0.0.1:3", "--dir", "/srv/plaza")
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1:3", "environment", "warn", "sqlite:///srv/plaza/plaza.db"}, []string{c.Listen, c.Node, c.LogLevel, c.Database})
}

func TestSettingsThatAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--listen", "0.0.0.0:7710"}, {"--listen", ":7710"}, {"--listen", "192.0.2.1:7710"}, {"--listen", "plaza.example:443"},
		{"--listen", "nonsense"}, {"--tls-cert", "c.pem"}, {"--tls-key", "k.pem"}, {"--config", "/nowhere.yaml"},
	} {
		_, err := load(t, args...)
		require.Error(t, err, "%v", args)
	}
	for _, args := range [][]string{{"--listen", "[::1]:7710"}, {"--listen", "localhost:7710"}, {"--listen", "0.0.0.0:7710", "--tls-cert", "c.pem", "--tls-key", "k.pem"}} {
		_, err := load(t, args...)
		require.NoError(t, err, "%v", args)
	}
	c, err := load(t, "--log-level", "loud")
	require.NoError(t, err)
	_, err = c.log()
	require.Error(t, err)
}
