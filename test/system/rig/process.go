package rig

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program that runs; its output goes to a file.
type process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error
}

// launch starts a program that dies with this one.
func launch(tb testing.TB, log, path string, args ...string) *process {
	tb.Helper()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // below Root
	require.NoError(tb, err)
	p := &process{cmd: exec.Command(path, args...), log: log, done: make(chan struct{})} //nolint:gosec // our own programs
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	require.NoError(tb, p.cmd.Start())
	require.NoError(tb, out.Close())
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	return p
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill ends it without a word, as a power cut would.
func (p *process) kill() {
	if p != nil {
		_ = p.cmd.Process.Kill() // fails only when it has ended already
		<-p.done
	}
}

// stop asks it to end, and tells how that went.
func (p *process) stop(limit time.Duration) error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // as for kill
	select {
	case <-p.done:
		return p.err
	case <-time.After(limit):
		p.kill()
		return errors.New("it did not end when asked to")
	}
}

// tail is the end of its output, for the report of a failure.
func (p *process) tail() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	if lines := bytes.Split(data, []byte("\n")); len(lines) > 40 {
		data = bytes.Join(lines[len(lines)-40:], []byte("\n"))
	}
	return filepath.Base(p.log) + ":\n" + string(data)
}
