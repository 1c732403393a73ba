package cloudinit

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Header is the first line of a cloud-config document.
const Header = "#cloud-config"

// ErrNotCloudConfig marks user-data of another sort, such as a script.
var ErrNotCloudConfig = errors.New("user-data does not begin with " + Header)

// MetaData is the NoCloud meta-data document. A new InstanceID makes a boot a first boot.
type MetaData struct {
	InstanceID    string            `yaml:"instance-id"`
	LocalHostname string            `yaml:"local-hostname,omitempty"`
	PublicKeys    []string          `yaml:"public-keys,omitempty"` // authorized_keys lines, beside those of the user-data
	Meta          map[string]string `yaml:"meta,omitempty"`        // the server's metadata, where the cloud keeps such
}

// ParseUserData reads a cloud-config document. Keys that plaza-init does not apply are returned as warnings, since real
// documents carry many; a mistake in a known key is an error, and under `plaza` so is an unknown one.
func ParseUserData(data []byte) (*UserData, []string, error) {
	user := &UserData{}
	if len(bytes.TrimSpace(data)) == 0 {
		return user, nil, nil
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	if strings.TrimSpace(string(first)) != Header {
		return nil, nil, ErrNotCloudConfig
	}
	top := map[string]any{}
	if err := yaml.Unmarshal(data, &top); err != nil {
		return nil, nil, fmt.Errorf("user-data is not YAML: %w", err)
	}
	if err := yaml.Unmarshal(data, user); err != nil {
		return nil, nil, fmt.Errorf("user-data: %w", err)
	}
	if err := strictPlaza(top["plaza"]); err != nil {
		return nil, nil, err
	}
	warnings := unknownKeys("", top, reflect.TypeFor[UserData]())
	if files, ok := top["write_files"].([]any); ok {
		for _, file := range files {
			if entry, ok := file.(map[string]any); ok {
				warnings = append(warnings, unknownKeys("write_files.", entry, reflect.TypeFor[File]())...)
			}
		}
	}
	if user.Plaza != nil {
		return user, warnings, user.Plaza.Validate()
	}
	return user, warnings, nil
}

// strictPlaza refuses misspelt keys in the one section that nobody but Plaza writes.
func strictPlaza(section any) error {
	if section == nil {
		return nil
	}
	data, err := marshal(section)
	if err != nil {
		return fmt.Errorf("user-data: plaza: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(data, &Plaza{}, yaml.Strict()); err != nil {
		return fmt.Errorf("user-data: plaza: %w", err)
	}
	return nil
}

func unknownKeys(prefix string, got map[string]any, known reflect.Type) []string {
	names := map[string]bool{}
	for i := range known.NumField() {
		name, _, _ := strings.Cut(known.Field(i).Tag.Get("yaml"), ",")
		names[name] = true
	}
	var warnings []string
	for key := range got {
		if !names[key] {
			warnings = append(warnings, fmt.Sprintf("user-data key %s%s is not applied by this image", prefix, key))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// ParseMetaData reads a meta-data document.
func ParseMetaData(data []byte) (*MetaData, error) {
	meta := &MetaData{}
	if err := yaml.Unmarshal(data, meta); err != nil {
		return nil, fmt.Errorf("meta-data: %w", err)
	}
	if meta.InstanceID == "" {
		return nil, errors.New("meta-data: instance-id is missing")
	}
	return meta, nil
}

// ParseNetworkConfig reads network-config, bare or under a `network` key. Empty data is nil.
func ParseNetworkConfig(data []byte) (*NetworkConfig, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	var document struct {
		NetworkConfig `yaml:",inline"`
		Network       *NetworkConfig `yaml:"network"`
	}
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("network-config: %w", err)
	}
	config := &document.NetworkConfig
	if document.Network != nil {
		config = document.Network
	}
	return config, config.Validate()
}

// Marshal writes the document with its header line.
func (u UserData) Marshal() ([]byte, error) {
	if u.Plaza != nil {
		if err := u.Plaza.Validate(); err != nil {
			return nil, err
		}
	}
	body, err := marshal(u)
	return append([]byte(Header+"\n"), body...), err
}

// Marshal writes the document.
func (m MetaData) Marshal() ([]byte, error) { return marshal(m) }

// Marshal writes the document bare, as NoCloud expects it.
func (n NetworkConfig) Marshal() ([]byte, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	return marshal(n)
}

// marshal writes flow style with every string quoted: the block style of the library loses trailing blanks.
func marshal(document any) ([]byte, error) { return yaml.MarshalWithOptions(document, yaml.JSON()) }
