package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// seedWait is for a CD-ROM, whose bus is searched beside this; disks are there as soon as their driver is.
const seedWait = 5 * time.Second

var seedLabels = []string{cloudinit.Volume, cloudinit.ConfigDriveVolume}

// volume is a block device with an ISO 9660 file system on the whole of it.
type volume struct {
	device string // empty: none
	label  string
}

// findSeed looks at the disks first: a seed there, as on Plaza's own hosts, spares the drivers of CD-ROMs.
func (g *guest) findSeed() (volume, error) {
	found, err := findVolume(seedLabels)
	if err != nil || found.device != "" {
		g.cdrom.drop()
		return found, err
	}
	g.loadModules(&g.cdrom)
	for end := time.Now().Add(seedWait); ; time.Sleep(20 * time.Millisecond) {
		found, err := findVolume(seedLabels)
		if err != nil || found.device != "" || time.Now().After(end) {
			return found, err
		}
	}
}

// findVolume looks at every virtio and SCSI disk and CD-ROM; the first label that is found wins.
func findVolume(labels []string) (volume, error) {
	var devices []string
	for _, pattern := range []string{"/dev/vd[b-z]", "/dev/sr[0-9]", "/dev/sd[a-z]"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return volume{}, err
		}
		devices = append(devices, found...)
	}
	for _, device := range devices {
		label := strings.ToLower(isoLabel(device))
		if slices.Contains(labels, label) {
			return volume{device, label}, nil
		}
	}
	return volume{}, nil
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
