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

func (a Authorities) hasOther() (bool, error) {
	_, err := os.Stat(a.path(otherAuthorityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// ErrAuthorities says that a step is not the next one.
var ErrAuthorities = errors.New("not the next step")

// Add makes another authority, which agents are told to trust and which issues nothing yet.
func (a Authorities) Add() error {
	there, err := a.hasOther()
	if err != nil {
		return err
	}
	if there {
		return fmt.Errorf("%w: there is another authority already; use it, or drop it", ErrAuthorities)
	}
	_, err = (&authorityTLS{dir: a.dir}).issue(otherAuthorityFile, caTemplate(), nil)
	return err
}

// Use exchanges the two authorities, at once or not at all; done again it changes back.
func (a Authorities) Use() error {
	there, err := a.hasOther()
	if err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("%w: there is one authority only; add another", ErrAuthorities)
	}
	err = unix.Renameat2(unix.AT_FDCWD, a.path(authorityFile), unix.AT_FDCWD, a.path(otherAuthorityFile), unix.RENAME_EXCHANGE)
	if err != nil {
		return fmt.Errorf("exchanging the authorities: %w", err)
	}
	return nil
}

// Drop forgets the authority that issues nothing.
func (a Authorities) Drop() error {
	there, err := a.hasOther()
	if err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("%w: there is one authority only", ErrAuthorities)
	}
	return os.Remove(a.path(otherAuthorityFile))
}

// CheckCA refuses what is no PEM certificate to trust.
func CheckCA(pem []byte) error {
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return errors.New("the CA of the bus is not a PEM certificate")
	}
	return nil
}
