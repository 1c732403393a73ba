package cloudinit

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// ConfigDriveVolume is the label by which OpenStack's config drive is recognised.
const ConfigDriveVolume = "config-2"

const (
	configDriveDir = "openstack/latest/"
	// documentBytes bounds one file of a seed, and what a gzipped one may become.
	documentBytes = 16 << 20
)

// ReadConfigDrive reads OpenStack's config drive, mounted as drive, as the seed that says the same: uuid is the
// instance-id, the first label of hostname the local-hostname, user_data is Raw, verbatim. Vendor data are for cloud-init
// alone and are left out. Without a usable meta_data.json the seed is nil. A mistake elsewhere comes beside the seed, which
// then has what could be read.
func ReadConfigDrive(drive fs.FS) (*Seed, error) {
	meta, err := readMetaDataJSON(drive)
	if err != nil {
		return nil, err
	}
	seed := &Seed{MetaData: *meta, Raw: []byte{}}
	user, userErr := readDocument(drive, configDriveDir+"user_data")
	if user != nil {
		seed.Raw = user
	}
	network, networkErr := readDocument(drive, configDriveDir+"network_data.json")
	if network != nil {
		var err error
		seed.Network, err = ParseNetworkData(network)
		networkErr = errors.Join(networkErr, err)
	}
	return seed, errors.Join(userErr, networkErr)
}

func readMetaDataJSON(drive fs.FS) (*MetaData, error) {
	data, err := readDocument(drive, configDriveDir+"meta_data.json")
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, errors.New("config drive: openstack/latest/meta_data.json is missing")
	}
	return ParseMetaDataJSON(data)
}

// ParseMetaDataJSON reads OpenStack's meta_data.json.
func ParseMetaDataJSON(data []byte) (*MetaData, error) {
	var document struct {
		UUID       string            `json:"uuid"`
		Hostname   string            `json:"hostname"`
		Name       string            `json:"name"`
		PublicKeys map[string]string `json:"public_keys"`
		Meta       map[string]string `json:"meta"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("meta_data.json: %w", err)
	}
	if document.UUID == "" {
		return nil, errors.New("meta_data.json: uuid is missing")
	}
	// The rest of Nova's hostname is the region's own domain, "novalocal" by default, which nothing resolves.
	host, _, _ := strings.Cut(cmp.Or(document.Hostname, document.Name), ".")
	meta := &MetaData{InstanceID: document.UUID, LocalHostname: host, Meta: document.Meta}
	for _, name := range slices.Sorted(maps.Keys(document.PublicKeys)) {
		if key := strings.TrimSpace(document.PublicKeys[name]); key != "" {
			meta.PublicKeys = append(meta.PublicKeys, key)
		}
	}
	return meta, nil
}

// readDocument returns nil for a file that is not there.
func readDocument(drive fs.FS, name string) ([]byte, error) {
	file, err := drive.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("config drive: %w", err)
	}
	defer file.Close()
	data, err := readBounded(file)
	if err != nil {
		return nil, fmt.Errorf("config drive: %s: %w", name, err)
	}
	return data, nil
}

func readBounded(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, documentBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > documentBytes {
		return nil, fmt.Errorf("more than %d MiB", documentBytes>>20)
	}
	return data, nil
}
