package pool

import (
	"errors"
	"io"
	"os"

	"github.com/plazacloud/plaza/pkg/qcow2"
)

// header is what Plaza wants to know of a disk image. Reading it takes no lock, so a running guest does not mind.
type header struct {
	VirtualBytes int64
	Backing      string
	Format       string // qcow2 or raw
	Encrypted    bool
	External     bool // its data are in another file
}

// readHeader reads the qcow2 header; anything else is raw.
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
	head := make([]byte, qcow2.HeadBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return header{}, err
	}
	h, err := qcow2.Parse(head[:n])
	switch {
	case !h.Qcow2:
		return header{VirtualBytes: st.Size(), Format: "raw"}, nil
	case err != nil:
		return header{Format: "qcow2"}, err
	}
	out := header{VirtualBytes: h.VirtualBytes, Format: "qcow2", Encrypted: h.Encrypted, External: h.External}
	if h.BackingOffset != 0 {
		name := make([]byte, h.BackingLength)
		if _, err := f.ReadAt(name, h.BackingOffset); err != nil {
			return out, err
		}
		out.Backing = string(name)
	}
	return out, nil
}
