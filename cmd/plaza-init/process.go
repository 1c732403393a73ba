package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// processes starts children and, being PID 1, reaps every process of the guest. One loop waits for all of them, since
// two waiters would steal each other's exits.
type processes struct {
	mu       sync.Mutex
	children map[int]*process
}

// process is one child. done is closed when it has ended.
type process struct {
	pid    int
	done   chan struct{}
	status syscall.WaitStatus
}

// spec says what to start.
type spec struct {
	argv   []string
	env    []string
	dir    string
	user   string // "" is root
	output *os.File
	input  *os.File
}

func newProcesses() *processes { return &processes{children: map[int]*process{}} }

// start runs a program in a session of its own, so that a stop reaches its whole process group.
func (p *processes) start(s spec) (*process, error) {
	attributes := &syscall.ProcAttr{
		Dir: s.dir, Env: s.env,
		Files: []uintptr{0, s.output.Fd(), s.output.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	if s.input != nil {
		attributes.Files[0] = s.input.Fd()
	} else {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return nil, err
		}
		defer null.Close()
		attributes.Files[0] = null.Fd()
	}
	if s.user != "" {
		uid, gid, err := ownerIDs(s.user)
		if err != nil {
			return nil, err
		}
		attributes.Sys.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	}
	path, err := lookPath(s.argv[0], s.env)
	if err != nil {
		return nil, err
	}
	p.mu.Lock() // the reaper must not see this child before it is registered
	defer p.mu.Unlock()
	pid, err := syscall.ForkExec(path, s.argv, attributes)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	child := &process{pid: pid, done: make(chan struct{})}
	p.children[pid] = child
	return child, nil
}

// reap waits for children until ctx ends.
func (p *processes) reap(ctx context.Context) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	defer signal.Stop(ended)
	for {
		p.collect()
		select {
		case <-ended:
		case <-ctx.Done():
			return
		}
	}
}

func (p *processes) collect() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if pid <= 0 {
			return
		}
		p.mu.Lock()
		child := p.children[pid]
		delete(p.children, pid)
		p.mu.Unlock()
		if child != nil {
			child.status = status
			close(child.done)
		}
	}
}

// signalAll reaches whatever no service owns; only PID 1 may call it.
func (p *processes) signalAll(sig syscall.Signal) { _ = syscall.Kill(-1, sig) }

// wait returns how the process ended, as an error when not by exit 0.
func (c *process) wait(ctx context.Context) error {
	select {
	case <-c.done:
		return c.result()
	case <-ctx.Done():
		c.kill(syscall.SIGKILL)
		<-c.done
		return ctx.Err()
	}
}

func (c *process) result() error {
	switch {
	case c.status.Signaled():
		return fmt.Errorf("killed by %s", c.status.Signal())
	case c.status.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", c.status.ExitStatus())
	}
	return nil
}

// kill signals the process group.
func (c *process) kill(sig syscall.Signal) { _ = syscall.Kill(-c.pid, sig) }
