package centre

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Version is one version of a document.
type Version struct {
	Number   int64  // grows with each change
	Hash     string // SHA-256 of Document, in hex
	Format   string // json, yaml, text or dpath
	Document string
	Comment  string // why it was changed
}

// wire is a version as a centre sends it.
type wire struct {
	Version int64  `json:"version"`
	Hash    string `json:"hash"`
	Spec    struct {
		Format   string `json:"format"`
		Document string `json:"document"`
		Comment  string `json:"comment,omitempty"`
	} `json:"spec"`
}

// ParseVersion reads a version as a centre sends it, which is what Text writes, and checks that it arrived whole.
func ParseVersion(text []byte) (Version, error) {
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		return Version{}, fmt.Errorf("what came is no version: %w", err)
	}
	v := Version{Number: w.Version, Hash: w.Hash, Format: w.Spec.Format, Document: w.Spec.Document, Comment: w.Spec.Comment}
	if v.Number < 1 || v.Hash != digest([]byte(v.Document)) {
		return Version{}, fmt.Errorf("version %d did not arrive whole", v.Number)
	}
	return v, nil
}

// Text is the version as JSON, as a centre sends it.
func (v Version) Text() ([]byte, error) {
	w := wire{Version: v.Number, Hash: v.Hash}
	w.Spec.Format, w.Spec.Document, w.Spec.Comment = v.Format, v.Document, v.Comment
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // < would take six bytes
	err := e.Encode(w)
	return bytes.TrimSpace(b.Bytes()), err
}
