package centre

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// snapshotFile is the file's form. The sum catches a file written by halves.
type snapshotFile struct {
	Format int             `json:"format"`
	SHA256 string          `json:"sha256"`
	State  json.RawMessage `json:"state"`
}

type snapshotState struct {
	Source  string  `json:"source"` // as Source names it: a snapshot of another document is not used
	Version Version `json:"version"`
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// readSnapshot returns nil without error when there is none.
func readSnapshot(path, source string) (*Version, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path) // #nosec G304 -- the caller names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("centre: snapshot: %w", err)
	}
	var file snapshotFile
	var state snapshotState
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("centre: snapshot %s: %w", path, err)
	}
	if file.Format != 1 || file.SHA256 != digest(file.State) {
		return nil, fmt.Errorf("centre: snapshot %s is damaged or of another format", path)
	}
	if err := json.Unmarshal(file.State, &state); err != nil {
		return nil, fmt.Errorf("centre: snapshot %s: %w", path, err)
	}
	if state.Source != source {
		return nil, fmt.Errorf("centre: snapshot %s is of %s", path, state.Source)
	}
	return &state.Version, nil
}

// writeSnapshot replaces the file: temporary file, fsync, rename.
func writeSnapshot(path, source string, v Version) error {
	if path == "" {
		return nil
	}
	state, err := json.Marshal(snapshotState{Source: source, Version: v})
	if err != nil {
		return err
	}
	text, err := json.Marshal(snapshotFile{Format: 1, SHA256: digest(state), State: state})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
