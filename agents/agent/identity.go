// Package agent is what every node agent does whatever its roles: it enrols the host, keeps its identity, holds the
// connection to the bus, serves calls, and tells how the host is.
package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nkeys"
	"golang.org/x/sys/unix"
)

// Identity is who a host is, as kept in its directory.
type Identity struct {
	HostID     string    `json:"hostId"`
	Name       string    `json:"name"`
	Server     string    `json:"server"` // where it enrolled
	BusURL     string    `json:"busUrl"`
	BusCA      string    `json:"busCA"` // PEM
	PublicKey  string    `json:"publicKey"`
	EnrolledAt time.Time `json:"enrolledAt"`

	Rotation     string `json:"rotation,omitempty"`     // the last change of keys that is done
	NextRotation string `json:"nextRotation,omitempty"` // the one that is under way

	seed []byte
}

const (
	identityFile = "identity.json"
	seedFile     = "nkey.seed"
	lockFile     = "lock"
)

// ErrNotEnrolled says that a directory holds no identity.
var ErrNotEnrolled = errors.New("this host is not enrolled")

// LoadIdentity reads what enrolment left in dir; ErrNotEnrolled when there is nothing.
func LoadIdentity(dir string) (Identity, error) {
	blob, err := os.ReadFile(filepath.Join(dir, identityFile)) //nolint:gosec // the operator's own directory
	if errors.Is(err, fs.ErrNotExist) {
		return Identity{}, fmt.Errorf("%w: %s holds no identity", ErrNotEnrolled, dir)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("reading the identity: %w", err)
	}
	var id Identity
	if err := json.Unmarshal(blob, &id); err != nil {
		return Identity{}, fmt.Errorf("reading the identity in %s: %w", dir, err)
	}
	if id.seed, err = os.ReadFile(filepath.Join(dir, seedFile)); err != nil { //nolint:gosec // as above
		return Identity{}, fmt.Errorf("reading the identity: %w", err)
	}
	return id, nil
}

func (id Identity) save(dir string) error {
	blob, err := json.MarshalIndent(id, "", "  ")
	if err == nil {
		err = writeFile(filepath.Join(dir, identityFile), append(blob, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the identity: %w", err)
	}
	return nil
}

// ensureSeed returns the host's key, made on first use. It outlives a failed enrolment, so that a token already spent
// on this key works again.
func ensureSeed(dir string) (seed []byte, public string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("making the agent's directory: %w", err)
	}
	path := filepath.Join(dir, seedFile)
	seed, err = os.ReadFile(path) //nolint:gosec // the operator's own directory
	if errors.Is(err, fs.ErrNotExist) {
		if seed, err = newSeed(); err == nil {
			err = writeFile(path, seed)
		}
	}
	if err != nil {
		return nil, "", fmt.Errorf("the host's key: %w", err)
	}
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return nil, "", fmt.Errorf("the host's key in %s is damaged: %w", path, err)
	}
	public, err = pair.PublicKey()
	return seed, public, err
}

func newSeed() ([]byte, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return nil, err
	}
	return pair.Seed()
}

// ErrLocked says that another process uses the directory.
var ErrLocked = errors.New("another plaza-agent uses this directory")

// Lock takes dir for this process: one host, one agent. The lock ends with the process or with unlock.
func Lock(dir string) (unlock func() error, err error) {
	for range 10 { // someone who only asks for the status holds it for an instant
		if unlock, err = tryLock(dir); !errors.Is(err, ErrLocked) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return unlock, err
}

func tryLock(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the agent's directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // as above
	if err != nil {
		return nil, fmt.Errorf("locking the agent's directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrLocked, dir), f.Close())
	}
	return f.Close, nil
}

// writeFile replaces path atomically with mode 0600.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
