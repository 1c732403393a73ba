package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nkeys"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

const nextSeedFile = "nkey.seed.next"

// keyring holds the key that the control plane knows the host by, and while that changes the next one. Which of them the bus
// takes is found out by trying: whatever is lost on the way, one of the two is right. The next one takes the place of the
// first when the bus has taken it.
type keyring struct {
	mu      sync.Mutex
	dir     string
	id      Identity
	next    []byte // nil: there is none
	useNext bool
}

// openKeys reads the next key of a rotation that is under way.
func openKeys(dir string, id Identity) (*keyring, error) {
	k := &keyring{dir: dir, id: id}
	if dir == "" {
		return k, nil
	}
	next, err := os.ReadFile(filepath.Join(dir, nextSeedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the host's next key: %w", err)
	}
	k.next = next
	public, err := publicOf(id.seed)
	if err == nil && public != id.PublicKey { // the last start ended between the two files
		k.id.PublicKey, k.id.Rotation, k.id.NextRotation = public, id.NextRotation, ""
		err = k.id.save(dir)
	}
	return k, err
}

func publicOf(seed []byte) (string, error) {
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return "", fmt.Errorf("the host's key is damaged: %w", err)
	}
	return pair.PublicKey()
}

// seed is the one to connect with.
func (k *keyring) seed() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.useNext {
		return k.next
	}
	return k.id.seed
}

// pending tells whether there is a next key.
func (k *keyring) pending() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.next != nil
}

// other takes the other key, if there is one.
func (k *keyring) other() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.useNext = k.next != nil && !k.useNext
}

// taken says that the bus has let the host in with the key it tried.
func (k *keyring) taken() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.useNext {
		return nil
	}
	public, err := publicOf(k.next)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(k.dir, nextSeedFile), filepath.Join(k.dir, seedFile)); err != nil {
		return fmt.Errorf("keeping the host's new key: %w", err)
	}
	k.id.seed, k.next, k.useNext = k.next, nil, false
	k.id.PublicKey, k.id.Rotation, k.id.NextRotation = public, k.id.NextRotation, ""
	return k.id.save(k.dir)
}

// trusts are the authorities of the bus, in PEM.
func (k *keyring) trusts() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return []byte(k.id.BusCA)
}

// trust keeps other authorities of the bus, which hold from the next connection on.
func (k *keyring) trust(ca string) error {
	if ca == "" || ca == k.id.BusCA {
		return nil
	}
	if err := bus.CheckCA([]byte(ca)); err != nil {
		return &bus.Fault{Reason: bus.ReasonInvalid, Detail: err.Error()}
	}
	k.id.BusCA = ca
	return k.id.save(k.dir)
}

// prepare makes the next key of a rotation, once.
func (k *keyring) prepare(in errand.Rotation) (errand.Keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	out, rotation := errand.Keys{Current: k.id.PublicKey}, in.ID
	switch {
	case rotation == "" || k.dir == "":
		return out, &bus.Fault{Reason: bus.ReasonInvalid, Detail: "the agent can not keep another key"}
	case k.id.Rotation == rotation:
		return out, nil
	}
	if err := k.trust(in.BusCA); err != nil {
		return out, err
	}
	if k.next == nil {
		seed, err := newSeed()
		if err == nil {
			err = writeFile(filepath.Join(k.dir, nextSeedFile), seed)
		}
		if err != nil {
			return out, fmt.Errorf("keeping the host's next key: %w", err)
		}
		k.next = seed
	}
	if k.id.NextRotation != rotation {
		k.id.NextRotation = rotation
		if err := k.id.save(k.dir); err != nil {
			return out, err
		}
	}
	var err error
	out.Next, err = publicOf(k.next)
	return out, err
}

// public is the key in use.
func (k *keyring) public() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.id.PublicKey
}
