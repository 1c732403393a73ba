package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	firstBackoff = 500 * time.Millisecond
	lastBackoff  = 30 * time.Second
	steadyAfter  = 60 * time.Second // a run this long earns a fresh back-off
	stopLimit    = 10 * time.Second
	killLimit    = 5 * time.Second
)

// service is one supervised process. ready is closed once it first counts as up; stopped when it will not run again.
type service struct {
	name    string
	spec    spec
	restart string
	after   []*service
	probe   func(context.Context) error // nil: up as soon as it runs
	settle  func(context.Context) error // runs once it is up, before dependants start
	signal  syscall.Signal              // how to ask it to stop
	group   bool                        // signal the whole process group
	limit   time.Duration               // from signal to SIGKILL
	ready   chan struct{}
	stopped chan struct{}
	stop    context.CancelFunc
	once    sync.Once
}

func newService(config cloudinit.Service, after []*service) *service {
	env := baseEnv()
	for key, value := range config.Env {
		env = append(env, key+"="+value)
	}
	dir := config.Directory
	if dir == "" {
		dir = "/"
	}
	made := &service{
		name: config.Name, restart: config.Restart, after: after, limit: config.StopAfter,
		spec:   spec{argv: config.Command, env: env, dir: dir, user: config.User},
		signal: syscall.SIGTERM, group: true, probe: probeOf(config.Ready),
	}
	made.init()
	return made
}

func (s *service) init() {
	s.ready, s.stopped = make(chan struct{}), make(chan struct{})
	if s.limit == 0 {
		s.limit = stopLimit
	}
	if s.restart == "" {
		s.restart = cloudinit.RestartAlways
	}
}

// supervise keeps the service running until ctx ends or its policy is content.
func (g *guest) supervise(ctx context.Context, s *service) {
	defer close(s.stopped)
	if !s.awaitOthers(ctx) {
		return
	}
	backoff := firstBackoff
	for ctx.Err() == nil {
		began := time.Now()
		err := g.runService(ctx, s)
		if ctx.Err() != nil || !s.wantsRestart(err) {
			return
		}
		if time.Since(began) >= steadyAfter {
			backoff = firstBackoff
		}
		g.console.warn(fmt.Sprintf("service %s ended (%v), next start in %s", s.name, orExit(err), backoff))
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
		backoff = min(2*backoff, lastBackoff)
	}
}

func orExit(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

func (s *service) awaitOthers(ctx context.Context) bool {
	for _, other := range s.after {
		select {
		case <-other.ready:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (s *service) wantsRestart(err error) bool {
	switch s.restart {
	case cloudinit.RestartNever:
		return false
	case cloudinit.RestartOnFailure:
		return err != nil
	}
	return true
}

// runService runs it once, and stops it when ctx ends.
func (g *guest) runService(ctx context.Context, s *service) error {
	sink, err := g.openOutput(s.name)
	if err != nil {
		return err
	}
	start := s.spec
	start.output = sink.writer
	child, err := g.processes.start(start)
	sink.closeWriter()
	if err != nil {
		return err
	}
	defer sink.wait()
	watch, cancel := context.WithCancel(ctx)
	defer cancel()
	go g.announce(watch, s)
	select {
	case <-child.done:
		child.kill(syscall.SIGKILL) // what it forked must not outlive it
		return child.result()
	case <-ctx.Done():
		s.end(child)
		return ctx.Err()
	}
}

// announce closes ready after the probe and the settling step succeed.
func (g *guest) announce(ctx context.Context, s *service) {
	for s.probe != nil {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := s.probe(attempt)
		cancel()
		if err == nil {
			break
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
	if s.settle != nil {
		if err := s.settle(ctx); err != nil {
			g.console.failed(s.name, err)
			return
		}
	}
	s.once.Do(func() {
		g.console.stage("service " + s.name + " up")
		close(s.ready)
	})
}

func (s *service) end(child *process) {
	if s.group {
		child.kill(s.signal)
	} else {
		_ = syscall.Kill(child.pid, s.signal)
	}
	select {
	case <-child.done:
	case <-time.After(s.limit):
	}
	child.kill(syscall.SIGKILL)
	select {
	case <-child.done:
	case <-time.After(killLimit):
	}
}
