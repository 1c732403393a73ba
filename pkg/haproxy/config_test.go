package haproxy

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var quick = Check{Path: "/well", Interval: 100 * time.Millisecond, Timeout: 500 * time.Millisecond, Rise: 1, Fall: 2}

func shop() Config {
	return Config{Name: "shop", Health: Health{Port: 8404, Path: "/plaza/x"}, Listeners: []Listener{
		{Name: "db", Port: 5432, Protocol: TCP, Algorithm: Source, Check: Check{Interval: 5 * time.Second, Timeout: 2 * time.Second, Rise: 2, Fall: 3}},
		{Name: "web", Port: 80, Protocol: HTTP, Algorithm: RoundRobin, Check: quick, Members: []Member{{"web-1", "10.1.0.5", 8080}, {"web-0", "10.1.0.4", 8080}}},
	}}
}

// check asks HAProxy itself whether a file is one of its own; a warning counts as a fault.
func check(t *testing.T, config string) {
	t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		t.Skip("haproxy is not installed; .ci/packages.txt lists what tests need")
	}
	path := filepath.Join(t.TempDir(), "haproxy.cfg")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	out, err := exec.Command(program, "-c", "-dW", "-f", path).CombinedOutput() //nolint:gosec // the one on the path
	require.NoError(t, err, "%s\n%s", out, config)
}

func TestTheSameInputGivesTheSameFile(t *testing.T) {
	a, err := shop().Render()
	require.NoError(t, err)
	other := shop()
	other.Listeners[0], other.Listeners[1] = other.Listeners[1], other.Listeners[0]
	m := other.Listeners[0].Members
	m[0], m[1] = m[1], m[0]
	b, err := other.Render()
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.Equal(t, "web-0", m[0].Name, "the input stays as it was")
	require.Regexp(t, `(?s)bind :80\n.*balance roundrobin\n.*server web-0 10.1.0.4:8080\n    server web-1 10.1.0.5:8080\n.*bind :5432\n`, a)
	check(t, a)
}

func TestEveryWayToWriteAListenerIsOneOfHAProxys(t *testing.T) {
	c := shop()
	c.Listeners, c.Bind = nil, "127.0.0.1"
	port := 10000
	for _, protocol := range []string{HTTP, TCP} {
		for algorithm := range balances {
			for _, path := range []string{"", "/health?deep=1&x=%20"} {
				for _, members := range [][]Member{nil, {{"a.b-c", "10.0.0.1", 1}}, {{"s6", "fd00::1", 65535}}} {
					port++
					ch := quick
					ch.Path = path
					c.Listeners = append(c.Listeners, Listener{Name: algorithm, Port: port, Protocol: protocol, Algorithm: algorithm, Check: ch, Members: members})
				}
			}
		}
	}
	for i := range c.Listeners {
		c.Listeners[i].Name += "-" + string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	text, err := c.Render()
	require.NoError(t, err)
	check(t, text)
}

func TestWhatCanNotBeWrittenIsRefused(t *testing.T) {
	for want, spoil := range map[string]func(c *Config){
		`name "a b"`:               func(c *Config) { c.Name = "a b" },
		"address to listen on":     func(c *Config) { c.Bind = "lo" },
		"HAProxy's health":         func(c *Config) { c.Health.Path = "" },
		"port 80 is that of":       func(c *Config) { c.Listeners[0].Port = 80 },
		"port 8404 is that of":     func(c *Config) { c.Listeners[0].Port = 8404 },
		"0 is not a port":          func(c *Config) { c.Listeners[0].Port = 0 },
		`protocol "udp"`:           func(c *Config) { c.Listeners[0].Protocol = "udp" },
		`algorithm "random"`:       func(c *Config) { c.Listeners[0].Algorithm = "random" },
		"path \"/a\\n":             func(c *Config) { c.Listeners[1].Check.Path = "/a\nserver x 1.2.3.4:1" },
		"a check needs":            func(c *Config) { c.Listeners[1].Check.Rise = 0 },
		"the name can not":         func(c *Config) { c.Listeners[1].Name = "" },
		`member "web 1"`:           func(c *Config) { c.Listeners[1].Members[0].Name = "web 1" },
		`member "web-1" at "node"`: func(c *Config) { c.Listeners[1].Members[0].Address = "node" },
	} {
		c := shop()
		spoil(&c)
		_, err := c.Render()
		require.ErrorContains(t, err, want)
	}
}
