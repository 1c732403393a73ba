package dpath

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"regexp"
	"sync"
)

// KeyBytes is the least length of a signing key.
const KeyBytes = 16

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)

// Keyring holds the shared keys that sign labels or probes, by key id. One
// key signs, all verify, so that keys rotate without a gap: add the new key
// everywhere, make it current, retire the old one after the longest lifetime.
//
// The keys are symmetric: every holder can sign. Give them to entries,
// gateways and sidecars rather than to business code where that code is not
// trusted.
type Keyring struct {
	mu      sync.RWMutex
	current string
	keys    map[string]*signer
}

// NewKeyring makes a keyring whose key named current signs.
func NewKeyring(current string, keys map[string][]byte) (*Keyring, error) {
	k := &Keyring{keys: map[string]*signer{}}
	for id, key := range keys {
		if err := k.Add(id, key); err != nil {
			return nil, err
		}
	}
	return k, k.Use(current)
}

// Add makes a key known for verification.
func (k *Keyring) Add(id string, key []byte) error {
	if !keyID.MatchString(id) {
		return fmt.Errorf("dpath: key id %q: 1 to 16 letters, digits, _ or -", id)
	}
	if len(key) < KeyBytes {
		return fmt.Errorf("dpath: key %s has %d bytes, at least %d are needed", id, len(key), KeyBytes)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	keys := maps.Clone(k.keys)
	keys[id] = newSigner(key)
	k.keys = keys
	return nil
}

// Use makes a known key the signing one.
func (k *Keyring) Use(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.keys[id]; !ok {
		return fmt.Errorf("dpath: key %q is not in the keyring", id)
	}
	k.current = id
	return nil
}

// Retire forgets a key; what it signed is no longer valid.
func (k *Keyring) Retire(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == k.current {
		return errors.New("dpath: the current key cannot be retired; use another first")
	}
	keys := maps.Clone(k.keys)
	delete(keys, id)
	k.keys = keys
	return nil
}

// Sign gives the current key's id and the HMAC-SHA256 of text under it.
func (k *Keyring) Sign(text []byte) (id string, mac []byte) {
	k.mu.RLock()
	id, key := k.current, k.keys[k.current]
	k.mu.RUnlock()
	key.sum(text, func(sum []byte) { mac = bytes.Clone(sum) })
	return id, mac
}

// Verify tells whether mac, possibly shortened, is that of text under the key
// named id. known is false when the keyring has no such key.
func (k *Keyring) Verify(id string, text, mac []byte) (ok, known bool) {
	key, known := k.key(id)
	if !known || len(mac) < 8 || len(mac) > sha256.Size {
		return false, known
	}
	key.sum(text, func(sum []byte) { ok = hmac.Equal(sum[:len(mac)], mac) })
	return ok, true
}

// verifyText is Verify for the first macBytes of a MAC as text.
func (k *Keyring) verifyText(id string, text []byte, mac string) (ok, known bool) {
	key, known := k.key(id)
	if !known || len(mac) != macChars {
		return false, known
	}
	key.sum(text, func(sum []byte) {
		var want, have [macChars]byte
		macText.Encode(want[:], sum[:macBytes])
		copy(have[:], mac)
		ok = hmac.Equal(want[:], have[:])
	})
	return ok, true
}

func (k *Keyring) key(id string) (key *signer, known bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, known = k.keys[id]
	return key, known
}

// signer computes HMACs under one key. What can be computed once for a key,
// which is most of it for texts as short as ours, is kept.
type signer struct{ pool sync.Pool }

type mac struct {
	hash.Hash
	text, sum []byte
}

func newSigner(key []byte) *signer {
	own := bytes.Clone(key)
	return &signer{sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, own)} }}}
}

// sum lets use see the HMAC of text, which is gone afterwards.
func (s *signer) sum(text []byte, use func(sum []byte)) {
	m := s.pool.Get().(*mac)
	m.text = append(m.text[:0], text...)
	_, _ = m.Write(m.text) // never fails
	m.sum = m.Hash.Sum(m.sum[:0])
	m.Reset()
	use(m.sum)
	s.pool.Put(m)
}
