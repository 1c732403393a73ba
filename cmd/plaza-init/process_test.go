package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// record is a console that a test reads while services write.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(data)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func newGuest(t *testing.T) (*guest, *record) {
	t.Helper()
	screen := &record{}
	g := &guest{console: newConsole(screen), processes: newProcesses(), logs: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); g.processes.reap(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
		goleak.VerifyNone(t)
	})
	return g, screen
}

func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

func TestRunLoggedTellsTheOutcomeAndKeepsTheLog(t *testing.T) {
	g, screen := newGuest(t)
	run := func(script string) error {
		return g.runLogged(context.Background(), "step", spec{argv: sh(script), env: baseEnv(), dir: "/"})
	}
	require.NoError(t, run("echo one; echo two >&2"))
	require.EqualError(t, run("exit 3"), "exit status 3")
	require.EqualError(t, run("kill -9 $$"), "killed by killed")
	require.Contains(t, screen.String(), "step: one\nstep: two\n")
	log, err := os.ReadFile(filepath.Join(g.logs, "step.log"))
	require.NoError(t, err)
	require.Equal(t, "one\ntwo\n", string(log))
	err = g.runLogged(context.Background(), "step", spec{argv: []string{"no-such-program"}, env: baseEnv()})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestManyChildrenAreEachReapedOnce(t *testing.T) {
	g, _ := newGuest(t)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := g.runLogged(context.Background(), fmt.Sprintf("n%d", i), spec{argv: sh(fmt.Sprintf("exit %d", i)), env: baseEnv(), dir: "/"})
			if i == 0 {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, fmt.Sprintf("exit status %d", i))
			}
		})
	}
	all.Wait()
	require.Empty(t, g.processes.children)
}

func TestServicesStartInOrderRestartAndStopInReverse(t *testing.T) {
	g, screen := newGuest(t)
	dir := t.TempDir()
	plaza := &cloudinit.Plaza{Services: []cloudinit.Service{
		{Name: "first", Command: sh(`trap "echo first ends; exit" TERM; sleep 0.2; touch ` + dir + `/up; while :; do sleep 0.05; done`),
			Ready: &cloudinit.Ready{File: dir + "/up"}},
		{Name: "second", Command: sh(`test -e ` + dir + `/up && echo in order; trap "echo second ends; exit" TERM; while :; do sleep 0.05; done`),
			After: []string{"first"}},
		{Name: "crash", Command: sh("exit 7")},
		{Name: "once", Command: sh("echo once ran"), Restart: cloudinit.RestartNever},
	}}
	require.NoError(t, plaza.Validate())
	services := g.startServices(context.Background(), plaza)
	g.awaitReady(context.Background(), services)
	require.Eventually(t, func() bool {
		return strings.Contains(screen.String(), "second: in order") && strings.Contains(screen.String(), "next start in 1s")
	}, 10*time.Second, 20*time.Millisecond)
	require.Contains(t, screen.String(), "service crash ended (exit status 7), next start in 500ms")
	require.Contains(t, screen.String(), "plaza-init: READY")
	stopServices(services)
	text := screen.String()
	require.Equal(t, 1, strings.Count(text, "once ran"))
	require.Less(t, strings.Index(text, "second ends"), strings.Index(text, "first ends"))
}

func TestAServiceThatWillNotEndIsKilledWithItsChildren(t *testing.T) {
	g, _ := newGuest(t)
	pidFile := filepath.Join(t.TempDir(), "pid")
	services := g.startServices(context.Background(), &cloudinit.Plaza{Services: []cloudinit.Service{{
		Name: "deaf", Command: sh(`trap "" TERM; sleep 1000 & echo $! > ` + pidFile + `; touch ` + pidFile + `.up; while :; do sleep 0.05; done`),
		Ready: &cloudinit.Ready{File: pidFile + ".up"}, StopAfter: 100 * time.Millisecond,
	}}})
	g.awaitReady(context.Background(), services)
	stopServices(services)
	data, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(string(data), &pid)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !running(pid) }, 5*time.Second, 20*time.Millisecond)
}

// running is false for a zombie too: an orphan of a test is reaped by this machine's init in its own time.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ") && syscall.Kill(pid, 0) == nil
}

func TestConsoleThinsOutAChattyService(t *testing.T) {
	screen := &record{}
	chatty := newConsole(screen).channel("chatty")
	for i := range consoleBurst + 50 {
		chatty.line(fmt.Sprint(i))
	}
	require.InDelta(t, consoleBurst, strings.Count(screen.String(), "\n"), 5)
	chatty.limit.SetBurst(1 << 20)
	time.Sleep(60 * time.Millisecond)
	chatty.line("later")
	require.Contains(t, screen.String(), "lines left out here, see /var/log/chatty.log]\nchatty: later\n")
}

func TestLogFileKeepsTwoGenerations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	log, err := openLog(path)
	require.NoError(t, err)
	log.limit = 20
	for range 5 {
		require.NoError(t, log.add([]byte("123456789\n")))
	}
	require.NoError(t, log.close())
	old, err := os.ReadFile(path + ".1")
	require.NoError(t, err)
	require.Len(t, old, 20)
	current, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, current, 10)
}
