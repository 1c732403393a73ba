// Package rig runs Plaza as it is delivered: plazad and plaza-agent as processes of their own, against a private
// libvirtd and real guests. Whatever it starts ends with the test, and Main says when something did not.
package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	root     string // everything of this run lives below; short, for sockets do too
	built    sync.Once
	binaries string
	buildErr error
)

// Root is the folder of this run.
func Root() string { return root }

// Dir makes a folder below Root. Other users may enter: DHCP has a user of its own.
func Dir(tb testing.TB, name string) string {
	tb.Helper()
	dir, err := os.MkdirTemp(root, name)
	require.NoError(tb, err)
	require.NoError(tb, os.Chmod(dir, 0o755)) //nolint:gosec // see above
	return dir
}

// binary returns the path of a program, from $PLAZA_BIN or built once per run.
func binary(tb testing.TB, name string) string {
	tb.Helper()
	built.Do(func() {
		if binaries = os.Getenv("PLAZA_BIN"); binaries != "" {
			return
		}
		binaries = filepath.Join(root, "bin")
		if buildErr = os.Mkdir(binaries, 0o755); buildErr == nil { //nolint:gosec // others may run what is in it
			buildErr = build("plazad", "0")
		}
		if buildErr == nil {
			buildErr = build("plaza-agent", "1")
		}
	})
	require.NoError(tb, buildErr)
	return filepath.Join(binaries, name)
}

func build(name, cgo string) error {
	cmd := exec.Command("go", "build", "-o", filepath.Join(binaries, name), "github.com/plazacloud/plaza/cmd/"+name) //nolint:gosec // a fixed list
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return nil
}

// Port returns a free port below the range that the kernel gives to outgoing connections, so that it is still free
// when a killed program comes back to it.
func Port(tb testing.TB) string {
	tb.Helper()
	portMu.Lock()
	defer portMu.Unlock()
	for range 5000 {
		if port++; port > 31999 {
			port = 20000
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if l, err := net.Listen("tcp", address); err == nil {
			require.NoError(tb, l.Close())
			return address
		}
	}
	tb.Fatal("no free port")
	return ""
}

var (
	portMu sync.Mutex
	port   = 20000 + os.Getpid()%10000
)

// Within waits until f tells nothing is missing any more, and returns how long that took; f returns what is.
func Within(tb testing.TB, limit time.Duration, f func() error) time.Duration {
	tb.Helper()
	begin := time.Now()
	for {
		err := f()
		took := time.Since(begin)
		if err == nil {
			return took
		}
		if took > limit {
			tb.Fatalf("not within %s: %v", limit, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Tmpfs mounts a small file system until the test ends. Inodes, when given, bound its files: "no space left" then comes
// without filling memory.
func Tmpfs(tb testing.TB, dir, options string) {
	tb.Helper()
	require.NoError(tb, os.MkdirAll(dir, 0o755)) //nolint:gosec // as for Dir
	run(tb, "mount", "-t", "tmpfs", "-o", options, "plaza-test", dir)
	tb.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			tb.Errorf("umount %s: %v: %s", dir, err, out)
		}
	})
}

func run(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	require.NoError(tb, err, "%s %s: %s", name, strings.Join(args, " "), out)
	return string(out)
}
