package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// HardwareDigest names what of a server can only change while it is powered off: vCPUs, memory, own disks with their build,
// boot and rescue.
// ServerState.Digest is this digest of what is defined; cards and volumes come and go live and are not part of it.
func (s Server) HardwareDigest() string {
	type disk struct {
		Image string
		GiB   int
	}
	own := []disk{}
	for _, d := range s.Disks {
		if d.Volume == "" {
			own = append(own, disk{d.Image, d.SizeGiB})
		}
	}
	data, err := json.Marshal(struct {
		VCPUs, MemoryMiB int
		Disks            []disk
		Boot             Boot
		Build            string  `json:",omitempty"`
		Rescue           *Rescue `json:",omitempty"`
	}{s.VCPUs, s.MemoryMiB, own, s.Boot, s.Build, s.Rescue})
	if err != nil {
		panic(err) // plain fields always marshal
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
