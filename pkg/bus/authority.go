package bus

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The authority that certificates of the bus are issued by, and another one, which agents trust as well while they change
// from one to the other.
const (
	authorityFile      = "ca.pem"
	otherAuthorityFile = "ca-other.pem"
)

// Authorities are those of a bus that does not run, or has yet to be started anew to heed a change. They are changed in
// steps: Add, then every agent is told, Use, Drop.
type Authorities struct{ dir string }

// OpenAuthorities finds those in the StoreDir of a bus that has run.
func OpenAuthorities(storeDir string) (Authorities, error) {
	a := Authorities{filepath.Join(storeDir, "tls")}
	if _, err := os.Stat(a.path(authorityFile)); err != nil {
		return a, fmt.Errorf("%s has no authority of a bus: %w", storeDir, err)
	}
	return a, nil
}

func (a Authorities) path(file string) string { return filepath.Join(a.dir, file) }

// ErrAuthorities says that a step is not the next one.
var ErrAuthorities = errors.New("not the next step")

// expect refuses a step for why, unless there is another authority, or none, as it wants.
func (a Authorities) expect(other bool, why string) error {
	_, err := os.Stat(a.path(otherAuthorityFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if (err == nil) != other {
		return fmt.Errorf("%w: %s", ErrAuthorities, why)
	}
	return nil
}

// Add makes another authority, which agents are told to trust and which issues nothing yet.
func (a Authorities) Add() error {
	if err := a.expect(false, "there is another authority already; use it, or drop it"); err != nil {
		return err
	}
	_, err := (&authorityTLS{dir: a.dir}).issue(otherAuthorityFile, caTemplate(), nil)
	return err
}

// Use exchanges the two authorities, at once or not at all; done again it changes back.
func (a Authorities) Use() error {
	if err := a.expect(true, "there is one authority only; add another"); err != nil {
		return err
	}
	err := unix.Renameat2(unix.AT_FDCWD, a.path(authorityFile), unix.AT_FDCWD, a.path(otherAuthorityFile), unix.RENAME_EXCHANGE)
	if err != nil {
		return fmt.Errorf("exchanging the authorities: %w", err)
	}
	return nil
}

// Drop forgets the authority that issues nothing.
func (a Authorities) Drop() error {
	if err := a.expect(true, "there is one authority only"); err != nil {
		return err
	}
	return os.Remove(a.path(otherAuthorityFile))
}

// CheckCA refuses what is no PEM certificate to trust.
func CheckCA(pem []byte) error {
	_, err := poolOf(pem)
	return err
}

func poolOf(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("the CA of the bus is not a PEM certificate")
	}
	return pool, nil
}
