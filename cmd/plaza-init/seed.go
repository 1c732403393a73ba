package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	seedMount = "/run/plaza/seed"
	stateDir  = "/var/lib/plaza"
	seedWait  = 2 * time.Second
)

// orders is what the seed tells this guest to be.
type orders struct {
	meta    cloudinit.MetaData
	user    cloudinit.UserData
	script  []byte // user-data that is a program, run once per instance
	network *cloudinit.NetworkConfig
	fresh   bool // first boot of this instance-id
}

// readOrders takes the seed disk, or else the copy kept from an earlier boot.
func (g *guest) readOrders() (*orders, error) {
	dir := stateDir + "/seed"
	device, err := findVolume(cloudinit.Volume, seedWait)
	if err != nil {
		return nil, err
	}
	if device != "" {
		if err := keepSeed(device, dir); err != nil {
			return nil, err
		}
	} else {
		g.console.warn("no disk labelled " + cloudinit.Volume + ", using what an earlier boot left")
	}
	return g.parseOrders(dir)
}

func (g *guest) parseOrders(dir string) (*orders, error) {
	read := func(name string) ([]byte, error) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return data, err
	}
	meta, metaErr := read(cloudinit.MetaDataFile)
	user, userErr := read(cloudinit.UserDataFile)
	network, networkErr := read(cloudinit.NetworkFile)
	if err := errors.Join(metaErr, userErr, networkErr); err != nil {
		return nil, err
	}
	if meta == nil {
		return &orders{meta: cloudinit.MetaData{InstanceID: "unseeded"}, fresh: isFresh("unseeded")}, nil
	}
	return g.interpret(meta, user, network)
}

func (g *guest) interpret(meta, user, network []byte) (*orders, error) {
	parsed, err := cloudinit.ParseMetaData(meta)
	if err != nil {
		return nil, err
	}
	found := &orders{meta: *parsed, fresh: isFresh(parsed.InstanceID)}
	if found.network, err = cloudinit.ParseNetworkConfig(network); err != nil {
		return found, err
	}
	if strings.HasPrefix(string(user), "#!") {
		found.script = user
		return found, nil
	}
	data, warnings, err := cloudinit.ParseUserData(user)
	for _, warning := range warnings {
		g.console.warn(warning)
	}
	if err != nil {
		return found, err
	}
	found.user = *data
	return found, nil
}

func instanceFile() string { return stateDir + "/instance-id" }

func isFresh(instance string) bool {
	data, err := os.ReadFile(instanceFile())
	return err != nil || strings.TrimSpace(string(data)) != instance
}

// settle records that the once-per-instance steps are done; until then a power cut repeats them.
func (o *orders) settle() error {
	return writeDurably(instanceFile(), []byte(o.meta.InstanceID+"\n"), 0o644)
}

func (o *orders) hostname() string {
	for _, name := range []string{o.user.Hostname, o.meta.LocalHostname} {
		if name != "" {
			return name
		}
	}
	return "plaza"
}

func keepSeed(device, dir string) error {
	if err := errors.Join(os.MkdirAll(seedMount, 0o700), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	if err := unix.Mount(device, seedMount, "iso9660", unix.MS_RDONLY|tight, ""); err != nil {
		return fmt.Errorf("mount seed %s: %w", device, err)
	}
	defer func() { _ = unix.Unmount(seedMount, unix.MNT_DETACH) }()
	for _, name := range []string{cloudinit.UserDataFile, cloudinit.NetworkFile, cloudinit.MetaDataFile} {
		data, err := os.ReadFile(filepath.Join(seedMount, name))
		if errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(filepath.Join(dir, name))
			continue
		}
		if err != nil {
			return err
		}
		old, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil && string(old) == string(data) {
			continue
		}
		if err := writeDurably(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// findVolume looks at every virtio and SCSI disk for an ISO 9660 label; empty when none turns up in time.
func findVolume(label string, limit time.Duration) (string, error) {
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		var devices []string
		for _, pattern := range []string{"/dev/vd[b-z]", "/dev/sr[0-9]", "/dev/sd[a-z]"} {
			found, err := filepath.Glob(pattern)
			if err != nil {
				return "", err
			}
			devices = append(devices, found...)
		}
		for _, device := range slices.Compact(devices) {
			if strings.EqualFold(isoLabel(device), label) {
				return device, nil
			}
		}
		if time.Now().After(end) {
			return "", nil
		}
	}
}

// isoLabel reads the volume identifier of the primary descriptor; empty for anything else.
func isoLabel(device string) string {
	file, err := os.Open(device)
	if err != nil {
		return ""
	}
	defer file.Close()
	block := make([]byte, 72)
	if _, err := file.ReadAt(block, 16*2048); err != nil || string(block[1:6]) != "CD001" || block[0] != 1 {
		return ""
	}
	return strings.TrimRight(string(block[40:72]), " \x00")
}
