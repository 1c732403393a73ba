package cloudinit

import (
	"errors"
	"fmt"
	"os"

	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"
)

// Volume is the label by which NoCloud recognises its seed.
const Volume = "cidata"

// Files of a seed.
const (
	UserDataFile = "user-data"
	MetaDataFile = "meta-data"
	NetworkFile  = "network-config"
)

const isoBlock = 2048

// Seed is what one guest is told at boot.
type Seed struct {
	MetaData MetaData
	UserData UserData
	Raw      []byte         // a tenant's own user-data; when set, UserData is left out
	Network  *NetworkConfig // nil leaves the guest to its default, DHCP on the first interface
}

// Documents are the files of the NoCloud volume that says the same, by name.
func (s Seed) Documents() (map[string][]byte, error) {
	if s.MetaData.InstanceID == "" {
		return nil, errors.New("seed: meta-data needs an instance-id")
	}
	meta, err := s.MetaData.Marshal()
	if err != nil {
		return nil, err
	}
	user := s.Raw
	if user == nil {
		if user, err = s.UserData.Marshal(); err != nil {
			return nil, err
		}
	}
	documents := map[string][]byte{MetaDataFile: meta, UserDataFile: user}
	if s.Network != nil {
		if documents[NetworkFile], err = s.Network.Marshal(); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// BuildISO writes the NoCloud disk of a guest to path (mode 0600, replaced whole), an ISO 9660 image with Rock Ridge
// names labelled cidata. Attach it as a virtio disk: it is found sooner than a CD-ROM, and cloud kernels have no AHCI.
func BuildISO(path string, seed Seed) (err error) {
	documents, err := seed.Documents()
	if err != nil {
		return err
	}
	draft := path + ".part"
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("seed %s: %w", path, err), removeIfThere(draft))
		}
	}()
	if err := removeIfThere(draft); err != nil {
		return err
	}
	if err := writeISO(draft, documents); err != nil {
		return err
	}
	return os.Rename(draft, path)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func writeISO(path string, documents map[string][]byte) (err error) {
	disk, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	volume, err := iso9660.Create(file.New(disk, false), 0, 0, isoBlock, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeIfAny(volume)) }()
	for name, content := range documents {
		if err := addFile(volume, name, content); err != nil {
			return err
		}
	}
	return volume.Finalize(iso9660.FinalizeOptions{RockRidge: true, VolumeIdentifier: Volume})
}

func removeIfAny(volume *iso9660.FileSystem) error {
	if dir := volume.Workspace(); dir != "" {
		return os.RemoveAll(dir)
	}
	return nil
}

func addFile(volume *iso9660.FileSystem, name string, content []byte) (err error) {
	// Seeds hold passwords: nobody but root may read them in the guest.
	out, err := volume.OpenFile("/"+name, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = out.Write(content)
	return err
}
