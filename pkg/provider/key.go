package provider

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
)

// Key is what a disk on a host is encrypted with: 64 hexadecimal digits that are random, so that they need no stretching. It
// travels over TLS alone, hosts keep it in memory alone, and it does not show itself where values are printed.
type Key string

// NewKey makes a key of 256 bits.
func NewKey() Key {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return Key(hex.EncodeToString(b[:]))
}

const hiddenKey = "[key]"

// String hides the key.
func (k Key) String() string {
	if k == "" {
		return ""
	}
	return hiddenKey
}

// GoString hides the key.
func (k Key) GoString() string { return k.String() }

// LogValue hides the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Fits tells whether it is a key as NewKey makes them.
func (k Key) Fits() bool {
	b, err := hex.DecodeString(string(k))
	return err == nil && len(b) == 32
}
