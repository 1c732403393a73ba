package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	statusFile  = "status.json"
	statusEvery = 10 * time.Second
)

// Status is what a running agent says of itself to the people on its host.
type Status struct {
	Running   bool      `json:"running"`
	PID       int       `json:"pid,omitempty"`
	HostID    string    `json:"hostId"`
	Name      string    `json:"name"`
	BusURL    string    `json:"busUrl"`
	Roles     []string  `json:"roles,omitempty"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since"` // of Connected
	LastError string    `json:"lastError,omitempty"`
	LibvirtUp bool      `json:"libvirtUp"`
	Libvirt   string    `json:"libvirt,omitempty"` // its version, or why it is down
	Calls     int       `json:"calls"`
	Dropped   uint64    `json:"dropped"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// ReadStatus tells how the agent of dir is. ErrNotEnrolled when there is none.
func ReadStatus(dir string) (Status, error) {
	id, err := LoadIdentity(dir)
	if err != nil {
		return Status{}, err
	}
	s := Status{HostID: id.HostID, Name: id.Name, BusURL: id.BusURL}
	unlock, err := tryLock(dir)
	if err == nil {
		return s, unlock()
	}
	if !errors.Is(err, ErrLocked) {
		return s, err
	}
	s.Running = true
	blob, err := os.ReadFile(filepath.Join(dir, statusFile)) //nolint:gosec // the operator's own directory
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(blob, &s)
	}
	if err != nil {
		return s, fmt.Errorf("reading the agent's status: %w", err)
	}
	s.Running = true
	return s, nil
}

// link is the state of the connection to the bus.
type link struct {
	mu      sync.Mutex
	is      bool
	since   time.Time
	err     error
	changed chan struct{}
}

func (l *link) begin() { l.since, l.changed = time.Now().UTC(), make(chan struct{}, 1) }

func (l *link) up() { l.set(true, nil) }

func (l *link) down(err error) { l.set(false, err) }

// downFor is how long there has been no connection; 0 while there is one.
func (l *link) downFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is {
		return 0
	}
	return time.Since(l.since)
}

func (l *link) set(is bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is != is {
		l.is, l.since = is, time.Now().UTC()
	}
	l.err = err
	poke(l.changed)
}

func (r *runner) keepStatus(ctx context.Context) {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		if err := r.writeStatus(); err != nil {
			r.log.Warn("status not written", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.link.changed:
		}
	}
}

func (r *runner) writeStatus() error {
	blob, err := json.MarshalIndent(r.status(), "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(r.cfg.Dir, statusFile), append(blob, '\n'))
}

func (r *runner) status() Status {
	r.link.mu.Lock()
	defer r.link.mu.Unlock()
	id := r.cfg.Identity
	s := Status{Running: true, PID: os.Getpid(), HostID: id.HostID, Name: id.Name, BusURL: id.BusURL, Connected: r.link.is,
		Since: r.link.since, Calls: r.active(), Dropped: r.dropped.Load(), UpdatedAt: time.Now().UTC()}
	for _, role := range r.roles {
		s.Roles = append(s.Roles, role.Name)
	}
	if err := r.link.err; err != nil {
		s.LastError = err.Error()
	} else if err := r.nc.LastError(); err != nil && !r.link.is {
		s.LastError = err.Error()
	}
	if state := r.state.Load(); state != nil {
		s.LibvirtUp, s.Libvirt = state.LibvirtUp, state.Libvirt
		if !state.LibvirtUp {
			s.Libvirt = state.LibvirtError
		}
	}
	return s
}
