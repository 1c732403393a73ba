package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/centre/natskv"
)

// NATSServer says which NATS there is, and as whom it is used. Its name is public for the YAML reader, which takes no other inline.
type NATSServer struct {
	// URL is nats://host:port or tls://host:port; several are separated by commas.
	URL string `yaml:"url"`
	// Credentials is a file of user JWT and seed, NKey one of a seed, Login one of user:password; at most one is given.
	Credentials string `yaml:"credentials"`
	NKey        string `yaml:"nkey"`
	Login       string `yaml:"login"`
	// CA is the PEM file of the server's authority; empty means the system's.
	CA string `yaml:"ca"`
}

func (o *NATSServer) check() error {
	given := 0
	for _, file := range []string{o.Credentials, o.NKey, o.Login} {
		if file != "" {
			given++
		}
	}
	if given > 1 {
		return errors.New("nats: at most one of credentials, nkey and login is given")
	}
	return nil
}

func (o *NATSServer) paths() []*string { return []*string{&o.Credentials, &o.NKey, &o.Login, &o.CA} }

// natsConfig says which key of a NATS holds the rule document, as a relay puts it there.
type natsConfig struct {
	NATSServer `yaml:",inline"`
	// Bucket and Key say where the document is.
	Bucket string `yaml:"bucket"`
	Key    string `yaml:"key"`
	// Name tells this process from the others that follow the key; a relay has none here.
	Name string `yaml:"name"`
}

func (o *natsConfig) check() error {
	if o.URL == "" || o.Bucket == "" || o.Key == "" {
		return errors.New("nats: url, bucket and key are needed")
	}
	return o.NATSServer.check()
}

func (o *natsConfig) place(nc *nats.Conn) natskv.Place {
	return natskv.Place{Conn: nc, Bucket: o.Bucket, Key: o.Key}
}

// connect returns a connection that is kept up for ever, also when the first attempt fails. While it is down nothing is kept
// to be sent later: by then it is out of date.
func (o *NATSServer) connect(name string, log *slog.Logger) (*nats.Conn, error) {
	options := []nats.Option{nats.Name("dpathd " + name), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), nats.ReconnectWait(500 * time.Millisecond), nats.Timeout(5 * time.Second), nats.PingInterval(10 * time.Second),
		nats.ConnectHandler(func(nc *nats.Conn) { log.Info("NATS is connected", "url", nc.ConnectedUrlRedacted()) }),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("NATS is connected again", "url", nc.ConnectedUrlRedacted()) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.Warn("NATS is away", "error", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS has an error", "error", err) }),
		nats.NoCallbacksAfterClientClose()}
	if o.CA != "" {
		options = append(options, nats.RootCAs(o.CA))
	}
	switch {
	case o.Credentials != "":
		options = append(options, nats.UserCredentials(o.Credentials))
	case o.NKey != "":
		key, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, fmt.Errorf("the nkey can not be used: %w", err)
		}
		options = append(options, key)
	case o.Login != "":
		options = append(options, nats.UserInfoHandler(func() (user, password string) {
			text, err := os.ReadFile(o.Login)
			if err != nil {
				log.Error("the login of NATS can not be read", "error", err)
			}
			user, password, _ = strings.Cut(strings.TrimSpace(string(text)), ":")
			return user, password
		}))
	}
	nc, err := nats.Connect(o.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return nc, nil
}
