package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// queueConfig is an asynchronous path: a subject in a JetStream of a NATS.
type queueConfig struct {
	NATSServer `yaml:",inline"`
	// Subject is that of the messages, without the lane.
	Subject string `yaml:"subject"`
}

func (q *queueConfig) check() error {
	if q.URL == "" || q.Subject == "" {
		return errors.New("queues: each needs url and subject")
	}
	return q.NATSServer.check()
}

// connect gives the queues for the verifier; close ends their connections.
func (c *verifyConfig) connect(log *slog.Logger) (queues []verify.Queue, closeAll func(), err error) {
	var ends []func()
	closeAll = func() {
		for _, end := range ends {
			end()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	var keys *dpath.Keyring
	if len(c.Queues) > 0 {
		if keys, err = readKeys(c.Keys); err != nil {
			return nil, nil, err
		}
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		nc, err := q.NATSServer.connect("verify", log)
		if err != nil {
			return nil, nil, fmt.Errorf("queue %s: %w", q.Subject, err)
		}
		ends = append(ends, nc.Close)
		js, err := jetstream.New(nc)
		if err != nil {
			return nil, nil, fmt.Errorf("queue %s: %w", q.Subject, err)
		}
		queues = append(queues, natsdpath.Queue{JS: js, Keys: keys, Subject: q.Subject})
	}
	return queues, closeAll, nil
}
