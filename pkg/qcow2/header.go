// Package qcow2 reads what the header of a disk image tells, without opening what it refers to.
package qcow2

import (
	"encoding/binary"
	"errors"
)

// HeadBytes is how many of a file's first bytes Parse wants to see.
const HeadBytes = 80

// Header is what Plaza wants to know of a disk image.
type Header struct {
	Qcow2        bool  // else the rest is zero: it is raw
	VirtualBytes int64 // of the disk that it shows
	Encrypted    bool
	External     bool // its data are in another file
	// BackingOffset and BackingLength say where the name of its backing file stands; without one they are zero.
	BackingOffset, BackingLength int64
}

const (
	magic        = 0x514649fb
	externalData = 1 << 2 // of the incompatible features
)

// ErrDamaged says that a header can not be.
var ErrDamaged = errors.New("the qcow2 header is damaged")

// Parse reads a header (docs/interop/qcow2.txt of QEMU) out of a file's first bytes; what does not begin like one is raw.
func Parse(head []byte) (Header, error) {
	if len(head) < 36 || binary.BigEndian.Uint32(head) != magic {
		return Header{}, nil
	}
	version := binary.BigEndian.Uint32(head[4:])
	size := binary.BigEndian.Uint64(head[24:])
	offset, length := binary.BigEndian.Uint64(head[8:]), binary.BigEndian.Uint32(head[16:])
	h := Header{Qcow2: true, Encrypted: binary.BigEndian.Uint32(head[32:]) != 0}
	if version < 2 || version > 3 || size > 1<<62 || length > 1023 || offset > 1<<30 || version == 3 && len(head) < HeadBytes {
		return h, ErrDamaged
	}
	h.VirtualBytes, h.BackingOffset, h.BackingLength = int64(size), int64(offset), int64(length)
	h.External = version == 3 && binary.BigEndian.Uint64(head[72:])&externalData != 0
	return h, nil
}
