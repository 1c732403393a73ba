package agent

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

func TestCommandsOfTheHost(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "commands.yaml")
	write := func(text string) error {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := LoadCommands(file)
		return err
	}
	none, err := LoadCommands(filepath.Join(dir, "none"))
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, write("commands:\n  note: {run: [/bin/echo, '${text}'], parameters: {text: '[a-z]+'}, timeout: 5m}\n"))
	require.ErrorContains(t, write("commands: {a: {run: [echo]}}"), "absolute path")
	require.ErrorContains(t, write("commands: {a: {run: ['/bin/${x}'], parameters: {x: a}}}"), "absolute path")
	require.ErrorContains(t, write("commands: {a: {run: [/bin/echo, '${x}']}}"), "is no parameter")
	require.ErrorContains(t, write("commands: {a: {run: [/bin/echo], parameters: {x: '['}}}"), "parameter x")
	require.Error(t, write("commands: {a: {run: [/bin/echo], shell: yes}}"))
	require.NoError(t, os.Chmod(file, 0o666)) // #nosec G302 -- that it is refused is what is tested
	_, err = LoadCommands(file)
	require.ErrorContains(t, err, "others may write")
}

func (c *commands) ends(t *testing.T, in errand.Order) errand.Outcome {
	t.Helper()
	var out errand.Outcome
	require.Eventually(t, func() bool {
		var err error
		out, err = c.order(t.Context(), in)
		require.NoError(t, err)
		return out.State != errand.Running
	}, time.Minute, 10*time.Millisecond)
	return out
}

func TestAnOrderIsCarriedOutOnce(t *testing.T) {
	dir, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	allowed := map[string]Command{
		"note": {Run: []string{"/bin/sh", "-c", "echo x >> " + log + "; exit 3"}},
		"much": {Run: []string{"/bin/sh", "-c", "yes long | head -c 100000; echo end"}},
		"hang": {Run: []string{"/bin/sh", "-c", "echo x >> " + log + "; sleep 300 & wait"}},
		"gone": {Run: []string{"/nowhere/at/all"}},
	}
	c := newCommands(dir, allowed)
	out := c.ends(t, errand.Order{ID: "1", Name: "note"})
	require.Equal(t, 3, out.Exit)
	require.Equal(t, out, c.ends(t, errand.Order{ID: "1", Name: "note"}))
	require.Equal(t, "x\n", read(t, log))
	out = c.ends(t, errand.Order{ID: "2", Name: "much"})
	require.Len(t, out.Output, errand.MaxOutput)
	require.True(t, strings.HasSuffix(out.Output, "end\n"))
	require.Contains(t, c.ends(t, errand.Order{ID: "3", Name: "gone"}).Error, "no such file")
	require.Contains(t, c.ends(t, errand.Order{ID: "4", Name: "hang", TimeoutMS: 50}).Error, "too long")
	for _, bad := range []errand.Order{{ID: "../x", Name: "note"}, {ID: "5", Name: "sh"}, {ID: "5", Name: "note", Arguments: map[string]string{"x": "y"}}} {
		_, err := c.order(t.Context(), bad)
		require.Error(t, err)
	}

	// What ran when the agent ended is lost, and not begun again.
	_, err := c.order(t.Context(), errand.Order{ID: "6", Name: "hang"})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Count(read(t, log), "x") >= 2 }, time.Minute, 10*time.Millisecond)
	c.close()
	had := read(t, log)
	c = newCommands(dir, allowed)
	defer c.close()
	require.Equal(t, errand.Lost, c.ends(t, errand.Order{ID: "6", Name: "hang"}).State)
	require.Equal(t, 3, c.ends(t, errand.Order{ID: "1", Name: "note"}).Exit)
	require.Equal(t, had, read(t, log))
	_, err = newCommands("", allowed).order(t.Context(), errand.Order{ID: "7", Name: "note"})
	require.Error(t, err, "nothing is run whose outcome can not be kept")
}

func read(t *testing.T, path string) string {
	t.Helper()
	blob, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(blob)
}

// TestTheOtherKey is found by the agent itself when it is cut off before it heard that its next key is in force.
func TestTheOtherKey(t *testing.T) {
	dir := t.TempDir()
	seed, public, err := ensureSeed(dir)
	require.NoError(t, err)
	var mu sync.Mutex
	let := public
	b, plane := openBus(t, t.TempDir(), func(key string) bool {
		mu.Lock()
		defer mu.Unlock()
		return key == let
	})
	id := Identity{HostID: "h1", BusURL: b.URL(), BusCA: string(b.CA()), PublicKey: public, seed: seed}
	require.NoError(t, id.save(dir))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, Config{Identity: id, Dir: dir, Logger: slog.New(slog.DiscardHandler)}) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-done) })

	keys := func() (out errand.Keys, err error) {
		err = plane.Call(t.Context(), "h1", errand.Role, errand.NextKey, errand.Limit, errand.Rotation{ID: "r1"}, &out)
		return out, err
	}
	var first errand.Keys
	require.Eventually(t, func() bool { first, err = keys(); return err == nil }, time.Minute, 50*time.Millisecond)
	require.Equal(t, public, first.Current)
	again, err := keys()
	require.NoError(t, err)
	require.Equal(t, first, again, "one rotation, one key")
	mu.Lock()
	let = first.Next
	mu.Unlock()
	require.Eventually(t, func() bool { again, err = keys(); return err == nil && again.Next == "" }, time.Minute, 50*time.Millisecond)
	require.Equal(t, first.Next, again.Current)
	kept, err := LoadIdentity(dir)
	require.NoError(t, err)
	require.Equal(t, first.Next, kept.PublicKey)
	require.Equal(t, "r1", kept.Rotation)
	require.NoFileExists(t, filepath.Join(dir, nextSeedFile))

	// A start that ended between the two files.
	kept.PublicKey, kept.Rotation, kept.NextRotation = public, "", "r1"
	ring, err := openKeys(dir, kept)
	require.NoError(t, err)
	require.Equal(t, first.Next, ring.public())
	require.Equal(t, "r1", ring.id.Rotation)
}

// TestAuthorityOfTheBusIsChanged under an agent that is told of the next one with its next key, and under one that is not.
func TestAuthorityOfTheBusIsChanged(t *testing.T) {
	dir, storeDir := t.TempDir(), t.TempDir()
	seed, public, err := ensureSeed(dir)
	require.NoError(t, err)
	b, plane := openBus(t, storeDir, func(string) bool { return true })
	id := Identity{HostID: "h1", BusURL: b.URL(), BusCA: string(b.CA()), PublicKey: public, seed: seed}
	require.NoError(t, id.save(dir))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, Config{Identity: id, Dir: dir, Logger: slog.New(slog.DiscardHandler)}) }()
	defer func() { stop(); require.NoError(t, <-done) }()
	ask := func(method string, in errand.Rotation) (out errand.Keys, err error) {
		err = plane.Call(t.Context(), "h1", errand.Role, method, errand.Limit, in, &out)
		return out, err
	}
	answers := func() {
		t.Helper()
		require.Eventually(t, func() bool { _, err := ask(errand.NextKey, errand.Rotation{ID: "r0"}); return err == nil }, time.Minute, 50*time.Millisecond)
	}
	change := func(do func(bus.Authorities) error) {
		t.Helper()
		a, err := bus.OpenAuthorities(storeDir)
		require.NoError(t, err)
		require.NoError(t, do(a))
		b.Close()
		b, plane = openBus(t, storeDir, func(string) bool { return true })
	}
	answers()
	change(bus.Authorities.Add)
	answers()
	_, err = ask(errand.NextKey, errand.Rotation{ID: "r1", BusCA: "nonsense"})
	require.ErrorContains(t, err, "PEM")
	rotation := errand.Rotation{ID: "r1", BusCA: string(b.CA())}
	next, err := ask(errand.NextKey, rotation)
	require.NoError(t, err)
	_, err = ask(errand.UseKey, rotation)
	require.NoError(t, err)
	require.Eventually(t, func() bool { out, err := ask(errand.NextKey, rotation); return err == nil && out.Current == next.Next }, time.Minute, 50*time.Millisecond)
	change(bus.Authorities.Use)
	answers()
	change(bus.Authorities.Drop)
	answers()
	kept, err := LoadIdentity(dir)
	require.NoError(t, err)
	require.Contains(t, kept.BusCA, string(b.CA()), "it trusts the one that is left")
	require.NotContains(t, id.BusCA, string(b.CA()), "which is another than at first")
}

// openBus is a bus that lets keys in as host h1.
func openBus(t *testing.T, storeDir string, let func(key string) bool) (*bus.Server, *bus.Caller) {
	t.Helper()
	b, err := bus.Start(t.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: storeDir, Logger: slog.New(slog.DiscardHandler), RecheckEvery: 100 * time.Millisecond,
		Authorize: func(key string) (bus.Permissions, bool) {
			p, err := bus.HostPermissions("h1")
			return p, err == nil && let(key)
		}})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	nc, err := b.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	plane, err := bus.NewCaller(nc)
	require.NoError(t, err)
	return b, plane
}
