package resource

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

// Sealer encrypts the secret fields of specs at rest, and signs the audit.
type Sealer struct {
	aead    cipher.AEAD
	signing ed25519.PrivateKey
}

// NewSealer makes a sealer from a 32-byte key.
func NewSealer(key []byte) (*Sealer, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("sealing key: %w", err)
	}
	seed, err := hkdf.Key(sha256.New, key, nil, "plaza audit", ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return &Sealer{aead, ed25519.NewKeyFromSeed(seed)}, nil
}

// LoadSealer reads the key at path, or makes one with mode 0600 when there is none yet.
func LoadSealer(path string) (*Sealer, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, chacha20poly1305.KeySize)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, key, 0o600); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return NewSealer(key)
}

// Seal encrypts plain, bound to the object id.
func (s *Sealer) Seal(id string, plain []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.aead.Seal(nonce, nonce, plain, []byte(id)), nil
}

// Open decrypts what Seal made for the same id.
func (s *Sealer) Open(id string, sealed []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("sealed value is too short")
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(id))
	if err != nil {
		return nil, fmt.Errorf("a secret of %s can not be opened: the sealing key is another one: %w", id, err)
	}
	return plain, nil
}

// seal moves the secret fields out of the spec into an encrypted map.
func (s *Store) seal(def *Definition, id string, spec json.RawMessage) (json.RawMessage, []byte, error) {
	if len(def.Secrets) == 0 {
		return spec, nil, nil
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(spec, &fields); err != nil {
		return nil, nil, err
	}
	secret := map[string]json.RawMessage{}
	for _, name := range def.Secrets {
		if v, ok := fields[name]; ok && string(v) != `""` && string(v) != "null" {
			secret[name] = v
		}
		delete(fields, name)
	}
	open, err := json.Marshal(fields)
	if err != nil || len(secret) == 0 {
		return open, nil, err
	}
	plain, err := json.Marshal(secret)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := s.sealer.Seal(id, plain)
	return open, sealed, err
}

func (s *Store) unseal(id string, spec json.RawMessage, sealed []byte) (json.RawMessage, error) {
	plain, err := s.sealer.Open(id, sealed)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(orEmpty(spec), &fields); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(plain, &fields); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}
