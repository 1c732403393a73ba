package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	seedMount = "/run/plaza/seed"
	stateDir  = "/var/lib/plaza"
)

// orders is what the seed tells this guest to be.
type orders struct {
	meta    cloudinit.MetaData
	user    cloudinit.UserData
	script  []byte // user-data that is a program, run once per instance
	network *cloudinit.NetworkConfig
	fresh   bool // first boot of this instance-id
}

// readOrders takes the seed volume, or else the copy kept from an earlier boot.
func (g *guest) readOrders() (*orders, error) {
	dir := stateDir + "/seed"
	found, err := g.findSeed()
	if err != nil {
		return nil, err
	}
	if found.device != "" {
		if err := g.keepSeed(found, dir); err != nil {
			return nil, err
		}
	} else {
		g.console.warn("no disk labelled " + strings.Join(seedLabels, " or ") + ", using what an earlier boot left")
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
	found.user.SSHAuthorizedKeys = parsed.PublicKeys
	if found.network, err = cloudinit.ParseNetworkConfig(network); err != nil {
		return found, err
	}
	if user, err = cloudinit.Inflate(user); err != nil {
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
	found.user.SSHAuthorizedKeys = append(found.user.SSHAuthorizedKeys, parsed.PublicKeys...)
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

// keepSeed copies the seed to dir as NoCloud documents, whatever its own form.
func (g *guest) keepSeed(from volume, dir string) error {
	if err := errors.Join(os.MkdirAll(seedMount, 0o700), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	if err := unix.Mount(from.device, seedMount, "iso9660", unix.MS_RDONLY|tight, ""); err != nil {
		return fmt.Errorf("mount seed %s: %w", from.device, err)
	}
	defer func() { _ = unix.Unmount(seedMount, unix.MNT_DETACH) }()
	documents, err := g.readDocuments(from.label, os.DirFS(seedMount))
	if err != nil {
		return err
	}
	for _, name := range []string{cloudinit.UserDataFile, cloudinit.NetworkFile, cloudinit.MetaDataFile} {
		data, ok := documents[name]
		if !ok {
			_ = os.Remove(filepath.Join(dir, name))
			continue
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

// readDocuments reads a mounted seed. A part of a config drive that cannot be used is reported and left out.
func (g *guest) readDocuments(label string, mounted fs.FS) (map[string][]byte, error) {
	if label == cloudinit.ConfigDriveVolume {
		seed, err := cloudinit.ReadConfigDrive(mounted)
		if seed == nil {
			return nil, err
		}
		g.report("seed", err)
		return seed.Documents()
	}
	documents := map[string][]byte{}
	for _, name := range []string{cloudinit.UserDataFile, cloudinit.NetworkFile, cloudinit.MetaDataFile} {
		data, err := fs.ReadFile(mounted, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		documents[name] = data
	}
	return documents, nil
}
