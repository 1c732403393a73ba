package agent

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

var errFingerprint = errors.New("no certificate of the server has the given fingerprint")

// trusting returns a client that believes the given authority, the pinned certificate, or else the system's authorities.
func trusting(ca []byte, fingerprint string) (*http.Client, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	switch {
	case len(ca) > 0 && fingerprint != "":
		return nil, &Refusal{Kind: RefusedUsage, Detail: "a CA and a fingerprint are given", Hint: "give one of --ca and --fingerprint"}
	case len(ca) > 0:
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(ca) {
			return nil, &Refusal{Kind: RefusedUsage, Detail: "the CA file holds no PEM certificate"}
		}
	case fingerprint != "":
		want, err := hex.DecodeString(strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(fingerprint), "sha256:"), ":", ""))
		if err != nil || len(want) != sha256.Size {
			return nil, &Refusal{Kind: RefusedUsage, Detail: "the fingerprint is not a SHA-256 in hex"}
		}
		conf.InsecureSkipVerify = true //nolint:gosec // pinned verifies instead, and more strictly
		conf.VerifyConnection = func(state tls.ConnectionState) error { return pinned(state, want) }
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment}}, nil
}

// pinned believes the certificate of that fingerprint: as the server's own, or as the authority that signed it.
func pinned(state tls.ConnectionState, want []byte) error {
	for i, cert := range state.PeerCertificates {
		if sum := sha256.Sum256(cert.Raw); !bytes.Equal(sum[:], want) {
			continue
		}
		if i == 0 {
			return nil
		}
		roots, middle := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(cert)
		for _, c := range state.PeerCertificates[1:] {
			middle.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: state.ServerName, Roots: roots, Intermediates: middle})
		return err
	}
	return errFingerprint
}

func unreached(base string, err error) *Refusal {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return &Refusal{Kind: RefusedClock, Detail: fmt.Sprintf("the certificate of %s is not valid now: %v", base, invalid),
			Hint: "check the clock of this host, then the certificate", Err: err}
	case errors.As(err, &invalid), errors.As(err, &unknown), errors.As(err, &name), errors.Is(err, errFingerprint):
		return &Refusal{Kind: RefusedTrust, Detail: fmt.Sprintf("%s is not trusted: %v", base, rootCause(err)),
			Hint: "give its authority with --ca FILE or its certificate with --fingerprint SHA256", Err: err}
	case errors.As(err, &record):
		return &Refusal{Kind: RefusedServer, Detail: base + " does not speak TLS", Hint: "is the port right?", Err: err}
	}
	return &Refusal{Kind: RefusedServer, Detail: fmt.Sprintf("%s is not reached: %v", base, rootCause(err)),
		Hint: "check the address and that plazad runs", Err: err}
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
