package pool

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

// header is what Plaza wants to know of a disk image. Reading it takes no lock, so a running guest does not mind.
type header struct {
	VirtualBytes int64
	Backing      string
	Format       string // qcow2 or raw
	Encrypted    bool
}

const qcow2Magic = 0x514649fb

// readHeader reads the qcow2 header (docs/interop/qcow2.txt of QEMU); anything else is raw.
func readHeader(path string) (header, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return header{}, err
	}
	h := header{VirtualBytes: st.Size(), Format: "raw"}
	var b [36]byte
	if _, err := io.ReadFull(f, b[:]); err != nil || binary.BigEndian.Uint32(b[:]) != qcow2Magic {
		return h, nil //nolint:nilerr // too short to be qcow2: raw
	}
	h.Format = "qcow2"
	size := binary.BigEndian.Uint64(b[24:])
	offset, length := binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[16:])
	if size > 1<<62 || length > 1023 || offset > 1<<30 {
		return h, errors.New("qcow2 header is damaged")
	}
	h.VirtualBytes = int64(size)
	h.Encrypted = binary.BigEndian.Uint32(b[32:]) != 0 // crypt_method
	if offset != 0 {
		name := make([]byte, length)
		if _, err := f.ReadAt(name, int64(offset)); err != nil {
			return h, err
		}
		h.Backing = string(name)
	}
	return h, nil
}
