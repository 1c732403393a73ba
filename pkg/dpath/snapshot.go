package dpath

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrSnapshot is wrapped by errors about the snapshot file.
var ErrSnapshot = errors.New("dpath: snapshot")

// snapshotFile is the file's form. The sum catches a file written by halves.
type snapshotFile struct {
	Format int             `json:"format"`
	SHA256 string          `json:"sha256"`
	State  json.RawMessage `json:"state"`
}

type snapshot struct {
	Document *Document
	Registry *Registry
}

type snapshotState struct {
	Document json.RawMessage `json:"document"`
	Registry *Registry       `json:"registry"`
}

// save replaces the snapshot: temporary file, fsync, rename.
func (s *Store) save() error {
	doc, err := json.Marshal(s.doc)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	state, err := json.Marshal(snapshotState{Document: doc, Registry: s.reg})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	sum := sha256.Sum256(state)
	text, err := json.Marshal(snapshotFile{Format: 1, SHA256: hex.EncodeToString(sum[:]), State: state})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if err := replaceFile(s.opts.Snapshot, text); err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	return nil
}

func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// readSnapshot gives nil without error when there is no file.
func readSnapshot(path string) (*snapshot, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	var file snapshotFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSnapshot, path, err)
	}
	sum := sha256.Sum256(file.State)
	if file.Format != 1 || file.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, fmt.Errorf("%w: %s is damaged or of another format", ErrSnapshot, path)
	}
	var state snapshotState
	if err := json.Unmarshal(file.State, &state); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSnapshot, path, err)
	}
	doc, err := Parse(bytes.NewReader(state.Document))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSnapshot, path, err)
	}
	if state.Registry == nil {
		state.Registry = &Registry{}
	}
	return &snapshot{Document: doc, Registry: state.Registry}, nil
}
