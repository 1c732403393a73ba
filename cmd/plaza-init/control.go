package main

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The image carries a cluster made by initdb, without WAL and without an identity, so that images are reproducible and no
// two guests share a system identifier. These are the places of PostgreSQL 15's global/pg_control that differ.
const (
	controlVersion   = 1300
	controlTime      = 24
	checkpointTime   = 104
	nonceBytes       = 32 // just before the CRC
	controlScanFrom  = 200
	controlScanUntil = 512
	templateMark     = "plaza-template"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// identity is what makes one cluster different from another made from the same image.
type identity struct {
	system uint64
	nonce  [nonceBytes]byte
	made   int64 // Unix seconds
}

func newIdentity(now time.Time, pid int) (identity, error) {
	made := identity{made: now.Unix()}
	// As initdb does: seconds, microseconds and the process id.
	made.system = uint64(now.Unix())<<32 | uint64(now.Nanosecond()/1000)<<12 | uint64(pid&0xFFF) //nolint:gosec // positive
	_, err := rand.Read(made.nonce[:])
	return made, err
}

// withIdentity returns pg_control with another identity and a valid CRC.
func withIdentity(control []byte, id identity) ([]byte, error) {
	if len(control) < controlScanUntil || binary.LittleEndian.Uint32(control[8:]) != controlVersion {
		return nil, errors.New("pg_control is not of PostgreSQL 15")
	}
	end, err := controlCRC(control)
	if err != nil {
		return nil, err
	}
	out := append([]byte(nil), control...)
	binary.LittleEndian.PutUint64(out, id.system)
	binary.LittleEndian.PutUint64(out[controlTime:], uint64(id.made))    //nolint:gosec // positive
	binary.LittleEndian.PutUint64(out[checkpointTime:], uint64(id.made)) //nolint:gosec // positive
	copy(out[end-nonceBytes:end], id.nonce[:])
	binary.LittleEndian.PutUint32(out[end:], crc32.Checksum(out[:end], castagnoli))
	return out, nil
}

// controlCRC finds where the CRC stands by the one place where it is right.
func controlCRC(control []byte) (int, error) {
	for at := controlScanFrom; at < controlScanUntil; at += 4 {
		if crc32.Checksum(control[:at], castagnoli) == binary.LittleEndian.Uint32(control[at:]) {
			return at, nil
		}
	}
	return 0, errors.New("pg_control has no valid CRC")
}

func rewriteControl(cluster string, id identity) error {
	path := filepath.Join(cluster, "global", "pg_control")
	control, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if control, err = withIdentity(control, id); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := writeDurably(path, control, 0o600); err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("no owner on this system")
	}
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

// sealCluster turns a fresh cluster, cleanly shut down, into the image's template.
func sealCluster(cluster string, made time.Time) error {
	if err := rewriteControl(cluster, identity{made: made.Unix()}); err != nil {
		return err
	}
	segments, err := filepath.Glob(filepath.Join(cluster, "pg_wal", "0*"))
	if err != nil {
		return err
	}
	for _, path := range append(segments, filepath.Join(cluster, "pg_stat", "pgstat.stat")) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.WriteFile(filepath.Join(cluster, templateMark), nil, 0o600)
}
