package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// moduleFiles are kernel modules in load order, opened before the initrd that holds them is left.
type moduleFiles []*os.File

// openModules loads what the root disk needs and opens the rest. /modules/order has one module a line in four parts,
// parted by lines "--": those of the root disk, those that can wait until it is mounted, those of CD-ROMs, those of shares.
func (g *guest) openModules() error {
	order, err := os.ReadFile(filepath.Join(moduleDir, "order"))
	if err != nil {
		return err
	}
	rest := []*moduleFiles{&g.later, &g.cdrom, &g.ceph}
	var part *moduleFiles
	for _, name := range strings.Fields(string(order)) {
		if name == "--" && len(rest) > 0 {
			part, rest = rest[0], rest[1:]
			continue
		}
		file, err := os.Open(filepath.Join(moduleDir, name+".ko"))
		if err != nil {
			return err
		}
		if part != nil {
			*part = append(*part, file)
			continue
		}
		if err := loadModule(file); err != nil {
			return err
		}
	}
	return nil
}

// loadModules is best effort: a guest without, say, a balloon still works.
func (g *guest) loadModules(files *moduleFiles) {
	for _, file := range *files {
		if err := loadModule(file); err != nil {
			g.console.warn(err.Error())
		}
	}
	*files = nil
}

// drop gives the memory of modules that are not needed back.
func (m *moduleFiles) drop() {
	for _, file := range *m {
		_ = file.Close()
	}
	*m = nil
}

func loadModule(file *os.File) error {
	defer file.Close()
	err := unix.FinitModule(int(file.Fd()), "", 0)
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("module %s: %w", filepath.Base(file.Name()), err)
	}
	return nil
}
