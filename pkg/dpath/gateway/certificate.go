package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"
)

// TLS names the files by which the gateway is known, and knows its callers.
type TLS struct {
	// Listen is the address for TLS.
	Listen string `yaml:"listen"`
	Cert   string `yaml:"cert"` // PEM, the leaf first
	Key    string `yaml:"key"`
	// ClientCA is the PEM file of the authorities whose client certificates are
	// facts of a request; empty asks nobody for one.
	ClientCA string `yaml:"clientCA"`
	// RequireClient refuses callers without a certificate.
	RequireClient bool `yaml:"requireClient"`
}

// Load reads the files. HTTP/2 and HTTP/1.1 are offered, from TLS 1.2 on.
func (t *TLS) Load() (*tls.Config, error) {
	if t.Listen == "" || t.Cert == "" || t.Key == "" {
		return nil, fmt.Errorf("tls: listen, cert and key are needed")
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if t.ClientCA == "" {
		if t.RequireClient {
			return nil, fmt.Errorf("tls: requireClient needs clientCA")
		}
		return c, nil
	}
	text, err := os.ReadFile(t.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !c.ClientCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("tls: %s holds no certificate", t.ClientCA)
	}
	if t.RequireClient {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// Identity is a TLS configuration that can be replaced while it serves: each
// new connection takes the latest.
type Identity struct{ current atomic.Pointer[tls.Config] }

// Use puts a configuration in force.
func (i *Identity) Use(c *tls.Config) { i.current.Store(c) }

// Config is what a server serves with. A configuration must be in use before
// the first connection.
func (i *Identity) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return i.current.Load(), nil }}
}
