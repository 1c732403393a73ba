package cloudinit

import (
	"bytes"
	"compress/gzip"
	"fmt"
)

var gzipMagic = []byte{0x1f, 0x8b}

// Inflate returns user-data as its author wrote it: clouds that bound its size take it gzipped. Other data come back as
// they are; what would become more than 16 MiB is an error.
func Inflate(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, gzipMagic) {
		return data, nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("user-data: %w", err)
	}
	plain, err := readBounded(packed)
	if err != nil {
		return nil, fmt.Errorf("user-data: gzip: %w", err)
	}
	return plain, nil
}
