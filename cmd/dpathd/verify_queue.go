package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

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

// connect gives the queues for the verifier. end closes what was connected, also when there is an error.
func (c *verifyConfig) connect(log *slog.Logger) (queues []verify.Queue, end func(), err error) {
	var conns []*nats.Conn
	end = func() {
		for _, nc := range conns {
			nc.Close()
		}
	}
	if len(c.Queues) == 0 {
		return nil, end, nil
	}
	keys, err := readKeys(c.Keys)
	if err != nil {
		return nil, end, err
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		nc, err := q.connect("verify", log)
		if err != nil {
			return nil, end, fmt.Errorf("queue %s: %w", q.Subject, err)
		}
		conns = append(conns, nc)
		js, err := jetstream.New(nc)
		if err != nil {
			return nil, end, fmt.Errorf("queue %s: %w", q.Subject, err)
		}
		queues = append(queues, natsdpath.Queue{JS: js, Keys: keys, Subject: q.Subject})
	}
	return queues, end, nil
}
