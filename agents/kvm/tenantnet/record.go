package tenantnet

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
)

// readRecord reads what writeRecord wrote; the error is absent when there is none.
func readRecord(path, what string, into any, absent error) error {
	data, err := os.ReadFile(path) //nolint:gosec // below the state directory
	if errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "read %s: %w", what, err)
	}
	return nil
}

// writeRecord keeps something over a restart of the agent.
func writeRecord(path, what string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = writeAtomic(path, data, 0o600)
	}
	if err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "write %s: %w", what, err)
	}
	return nil
}

// recordIDs are the ids of what a folder has records of.
func recordIDs(dir, what string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "", "list %s: %w", what, err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".json"); ok && checkID(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
