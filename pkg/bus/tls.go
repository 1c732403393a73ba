package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	caLife     = 10 * 365 * 24 * time.Hour
	serverLife = 365 * 24 * time.Hour
	renewAhead = 30 * 24 * time.Hour
	backdate   = time.Hour // hosts whose clock is a little behind must not refuse a new certificate
)

// authorityTLS is the bus' own certificate authority and the server certificate it keeps fresh.
type authorityTLS struct {
	dir   string
	names []string
	ca    tls.Certificate
	caPEM []byte

	mu     sync.Mutex
	server tls.Certificate
}

// openTLS reads the authority in dir or makes one. Each file holds a key and its certificate, so that a crash cannot part them.
func openTLS(dir string, names []string) (*authorityTLS, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the certificate directory: %w", err)
	}
	t := &authorityTLS{dir: dir, names: certNames(names)}
	ca, err := readPair(filepath.Join(dir, authorityFile))
	if errors.Is(err, fs.ErrNotExist) {
		ca, err = t.issue(authorityFile, caTemplate(), nil)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority of the bus: %w", err)
	}
	t.ca = ca
	t.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate[0]})
	other, err := readPair(filepath.Join(dir, otherAuthorityFile))
	switch {
	case err == nil:
		t.caPEM = append(t.caPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate[0]})...)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("other certificate authority of the bus: %w", err)
	}
	if t.server, err = readPair(filepath.Join(dir, "server.pem")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("server certificate of the bus: %w", err)
	}
	_, err = t.certificate(nil)
	return t, err
}

func (t *authorityTLS) serverConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: t.certificate}
}

// certificate returns the server's, issuing a new one when it is near its end or lacks a name.
func (t *authorityTLS) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.fresh(t.server.Leaf) {
		pair, err := t.issue("server.pem", serverTemplate(t.names), &t.ca)
		if err != nil {
			return nil, fmt.Errorf("issuing the server certificate of the bus: %w", err)
		}
		t.server = pair
	}
	c := t.server
	return &c, nil
}

func (t *authorityTLS) fresh(leaf *x509.Certificate) bool {
	if leaf == nil || time.Until(leaf.NotAfter) < renewAhead || leaf.CheckSignatureFrom(t.ca.Leaf) != nil {
		return false
	}
	return !slices.ContainsFunc(t.names, func(name string) bool { return leaf.VerifyHostname(name) != nil })
}

func (t *authorityTLS) issue(file string, template *x509.Certificate, parent *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	signer, signKey := template, any(key)
	if parent != nil {
		signer, signKey = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer, key.Public(), signKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	blob := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	blob = append(blob, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := writeFile(filepath.Join(t.dir, file), blob); err != nil {
		return tls.Certificate{}, err
	}
	return readPair(filepath.Join(t.dir, file))
}

func readPair(path string) (tls.Certificate, error) {
	blob, err := os.ReadFile(path) //nolint:gosec // the path is the operator's own directory
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(blob, blob)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", path, err)
	}
	if pair.Leaf == nil {
		pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0])
	}
	return pair, err
}

func caTemplate() *x509.Certificate {
	c := template("Plaza bus CA", caLife)
	c.IsCA, c.BasicConstraintsValid, c.MaxPathLenZero = true, true, true
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	return c
}

func serverTemplate(names []string) *x509.Certificate {
	c := template("Plaza bus", serverLife)
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, name)
		}
	}
	return c
}

func template(name string, life time.Duration) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic(err) // crypto/rand never fails on the systems we run on
	}
	now := time.Now()
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Plaza"}},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(life)}
}

// certNames adds the names every machine has and drops the addresses that only mean "listen everywhere".
func certNames(names []string) []string {
	all := append([]string{"localhost", "127.0.0.1", "::1"}, names...)
	if host, err := os.Hostname(); err == nil && host != "" {
		all = append(all, host)
	}
	all = slices.DeleteFunc(all, func(n string) bool { return n == "" || n == "0.0.0.0" || n == "::" })
	slices.Sort(all)
	return slices.Compact(all)
}

// writeFile replaces path atomically with mode 0600.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
