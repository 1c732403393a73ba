// Package audit makes an audit log tell when it was altered: each entry is bound to all before it by a hash, and the
// last hash is signed. Verification needs nothing but an exported file.
package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Link is an entry in its place. Hash is the SHA-256, in hexadecimal, of three lines: the hash of the link before ("" for
// the first), the place, and the entry as Canonical writes it. An entry that is gone from the log is null.
type Link struct {
	Seq   int64           `json:"seq"`
	Hash  string          `json:"hash"`
	Entry json.RawMessage `json:"entry"`
}

// Hash binds an entry to its place and to the link before.
func Hash(before string, seq int64, entry []byte) (string, error) {
	canonical, err := Canonical(entry)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(before+"\n"+strconv.FormatInt(seq, 10)+"\n"), canonical...))
	return hex.EncodeToString(sum[:]), nil
}

// Canonical writes a JSON value without spaces, the keys of every object in order, numbers as they stand.
func Canonical(value []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// Head is how far a chain goes, signed. Who keeps one sees later whether what was before it is still the same.
type Head struct {
	Seq       int64     `json:"seq" doc:"Place of the last link; 0 for none"`
	Hash      string    `json:"hash" doc:"Of the last link"`
	At        time.Time `json:"at" doc:"When it was signed"`
	Key       string    `json:"key" doc:"Ed25519 public key of the installation, in base64"`
	Signature string    `json:"signature" doc:"Of the lines \"plaza audit\", seq, hash and at, in base64"`
}

func (h Head) signed() []byte {
	return fmt.Appendf(nil, "plaza audit\n%d\n%s\n%s", h.Seq, h.Hash, h.At.UTC().Format(time.RFC3339))
}

// Sign returns the head of a chain whose last link is at seq.
func Sign(key ed25519.PrivateKey, seq int64, hash string, at time.Time) Head {
	h := Head{Seq: seq, Hash: hash, At: at.UTC().Truncate(time.Second)}
	h.Key = base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // it is one
	h.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, h.signed()))
	return h
}

// Start begins a file that leaves out what is before; Before is the hash of the link at Seq.
type Start struct {
	Seq    int64  `json:"seq"`
	Before string `json:"before"`
}

// End ends a file.
type End struct {
	Head Head `json:"head"`
}

// ErrSignature tells that a head was not signed by the key that it names.
var ErrSignature = errors.New("the signature is not of this head and key")

// Check checks the signature by the key that the head names; whether that is the installation's is for the caller to know.
func (h Head) Check() error {
	key, err := base64.StdEncoding.DecodeString(h.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return ErrSignature
	}
	signature, err := base64.StdEncoding.DecodeString(h.Signature)
	if err != nil || !ed25519.Verify(key, h.signed(), signature) {
		return ErrSignature
	}
	return nil
}
