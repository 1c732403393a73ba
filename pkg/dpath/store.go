package dpath

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// StoreOptions says how a [Store] behaves. The zero value keeps nothing on disk.
type StoreOptions struct {
	// Snapshot is the file that holds the last good configuration.
	Snapshot string
	Metrics  *Metrics
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Store holds the configuration in force. It is fail-static: what cannot be
// read, is invalid or older is refused, and the last good one stays.
type Store struct {
	opts    StoreOptions
	current atomic.Pointer[Config]

	mu  sync.Mutex // serialises writers
	doc *Document
	reg *Registry
}

// Reasons for which a store refuses an otherwise valid document.
var (
	ErrOlderVersion = errors.New("dpath: the document is older than the one in force")
	ErrSameVersion  = errors.New("dpath: another document has the same version")
)

// NewStore makes a store; with a snapshot file it starts from what that holds.
// A missing file is an empty store. A damaged one is reported with a usable,
// empty store, since a centre may still supply the configuration.
func NewStore(opts StoreOptions) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Store{opts: opts, reg: &Registry{}}
	if opts.Snapshot == "" {
		return s, nil
	}
	return s, s.load()
}

// Current gives the configuration in force, nil before the first. When a
// campaign window has opened or closed since, it is brought up to date first.
func (s *Store) Current() *Config {
	c := s.current.Load()
	if c == nil || c.until.IsZero() || s.opts.Now().Before(c.until) {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c = s.current.Load()
	now := s.opts.Now()
	if c.until.IsZero() || now.Before(c.until) {
		return c
	}
	fresh, err := recompile(s.doc, s.reg, now)
	if err != nil {
		s.opts.Metrics.ConfigRefused()
		return c
	}
	s.current.Store(fresh)
	return fresh
}

// Apply puts a document in force, joined with the nodes last set. An invalid,
// older or differing document of the same version is refused and changes
// nothing. An error after the document is in force means only that the
// snapshot could not be written; it wraps [ErrSnapshot].
func (s *Store) Apply(d *Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apply(d, s.reg)
}

// Set puts a document and a registry in force together.
func (s *Store) Set(d *Document, reg *Registry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apply(d, reg.clone())
}

// Take puts a release in force. Unlike a document that somebody wrote, it
// stands for what is: that an app has lost its last public node, say, is a
// warning and keeps nobody from taking it over.
func (s *Store) Take(r *Release) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	reg := r.Registry.clone()
	cfg, err := recompile(r.Document, reg, s.opts.Now())
	if err == nil {
		err = s.supersedes(cfg)
	}
	if err != nil {
		s.opts.Metrics.ConfigRefused()
		return err
	}
	return s.accept(r.Document, reg, cfg)
}

func (s *Store) apply(d *Document, reg *Registry) error {
	cfg, err := Compile(d, reg, s.opts.Now())
	if err == nil {
		err = s.supersedes(cfg)
	}
	if err != nil {
		s.opts.Metrics.ConfigRefused()
		return err
	}
	return s.accept(d, reg, cfg)
}

// supersedes refuses to go back.
func (s *Store) supersedes(cfg *Config) error {
	old := s.current.Load()
	switch {
	case old == nil || cfg.version > old.version:
		return nil
	case cfg.version < old.version:
		return fmt.Errorf("%w: %d after %d", ErrOlderVersion, cfg.version, old.version)
	case cfg.hash != old.hash:
		return fmt.Errorf("%w: %d", ErrSameVersion, cfg.version)
	}
	return nil
}

// SetRegistry replaces the known nodes and groups under the same document.
func (s *Store) SetRegistry(reg *Registry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	reg = reg.clone()
	if err := reg.check(); err != nil {
		s.opts.Metrics.ConfigRefused()
		return err
	}
	if s.doc == nil {
		s.reg = reg
		return nil
	}
	cfg, err := recompile(s.doc, reg, s.opts.Now())
	if err != nil {
		s.opts.Metrics.ConfigRefused()
		return err
	}
	return s.accept(s.doc, reg, cfg)
}

func (s *Store) accept(d *Document, reg *Registry, cfg *Config) error {
	own, err := d.clone() // the caller may go on editing its document
	if err != nil {
		return err
	}
	s.doc, s.reg = own, reg
	s.current.Store(cfg)
	s.opts.Metrics.ConfigVersion(cfg.version)
	if s.opts.Snapshot == "" {
		return nil
	}
	return s.save()
}

// load starts from the snapshot.
func (s *Store) load() error {
	snap, err := readSnapshot(s.opts.Snapshot)
	if err != nil || snap == nil {
		return err
	}
	cfg, err := recompile(snap.Document, snap.Registry, s.opts.Now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	s.doc, s.reg = snap.Document, snap.Registry
	s.current.Store(cfg)
	s.opts.Metrics.ConfigVersion(cfg.version)
	return nil
}
