package resource

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

// Sealer encrypts the secret fields of specs at rest, and signs the audit. The first of its keys does; the others still
// open what they have sealed.
type Sealer struct {
	aeads   []cipher.AEAD
	signing ed25519.PrivateKey
}

// NewSealer makes a sealer from 32-byte keys.
func NewSealer(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("there is no sealing key")
	}
	s := &Sealer{}
	for _, key := range keys {
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, fmt.Errorf("sealing key: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	seed, err := hkdf.Key(sha256.New, keys[0], nil, "plaza audit", ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	s.signing = ed25519.NewKeyFromSeed(seed)
	return s, nil
}

// LoadSealer reads the keys at path, or makes one with mode 0600 when there is none yet.
func LoadSealer(path string) (*Sealer, error) {
	keys, err := LoadKeys(path)
	if errors.Is(err, fs.ErrNotExist) {
		if keys, err = keys.Add(); err == nil {
			err = keys.Save(path)
		}
	}
	if err != nil {
		return nil, err
	}
	return NewSealer(keys...)
}

// Seal encrypts plain, bound to the object id.
func (s *Sealer) Seal(id string, plain []byte) ([]byte, error) {
	aead := s.aeads[0]
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, []byte(id)), nil
}

// Open decrypts what Seal made for the same id, by whichever key.
func (s *Sealer) Open(id string, sealed []byte) (plain []byte, err error) {
	for _, aead := range s.aeads {
		if plain, err = open(aead, id, sealed); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("a secret of %s can not be opened: the sealing key is another one: %w", id, err)
}

// Reseal seals anew what an older key has sealed; it is nil for what the first one did.
func (s *Sealer) Reseal(id string, sealed []byte) ([]byte, error) {
	if s.current(id, sealed) {
		return nil, nil
	}
	plain, err := s.Open(id, sealed)
	if err != nil {
		return nil, err
	}
	return s.Seal(id, plain)
}

// current tells whether the first key sealed something.
func (s *Sealer) current(id string, sealed []byte) bool {
	_, err := open(s.aeads[0], id, sealed)
	return err == nil
}

func open(aead cipher.AEAD, id string, sealed []byte) ([]byte, error) {
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("sealed value is too short")
	}
	return aead.Open(nil, sealed[:n], sealed[n:], []byte(id))
}

// SigningKey is the public key by which heads of the audit are signed, in base64.
func (s *Sealer) SigningKey() string {
	return base64.StdEncoding.EncodeToString(s.signing.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // it is one
}

// Keys are the sealing keys of an installation, the one in use first. A file holds them one after the other.
type Keys [][]byte

// LoadKeys reads a file of keys.
func LoadKeys(path string) (Keys, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, err
	}
	const size = chacha20poly1305.KeySize
	if len(data) == 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("sealing key: %s has %d bytes, which are no keys of %d", path, len(data), size)
	}
	var keys Keys
	for ; len(data) > 0; data = data[size:] {
		keys = append(keys, data[:size:size])
	}
	return keys, nil
}

// Save writes a file of keys with mode 0600, as a whole or not at all.
func (k Keys) Save(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sealing-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then, or is of no use
	for _, key := range k {
		_, failed := f.Write(key)
		err = errors.Join(err, failed)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Add makes a new key, which is the last: it opens, and seals nothing yet.
func (k Keys) Add() (Keys, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	_, err := rand.Read(key)
	return append(k[:len(k):len(k)], key), err
}

// Use puts the last key first: it seals from then on.
func (k Keys) Use() Keys {
	last := len(k) - 1
	return append(Keys{k[last]}, k[:last]...)
}
