//go:build ceph

package ceph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ceph/go-ceph/rados"
)

// command is a command of the cluster as `ceph` would send it: its prefix and arguments.
type command map[string]any

func (c command) encode() ([]byte, error) {
	c["format"] = "json"
	return json.Marshal(c)
}

// mon asks a monitor and decodes the answer into out unless that is nil.
func (d *Driver) mon(ctx context.Context, out any, c command) error {
	return d.send(ctx, out, c, (*rados.Conn).MonCommand)
}

// mgr asks the active manager.
func (d *Driver) mgr(ctx context.Context, out any, c command) error {
	return d.send(ctx, out, c, func(conn *rados.Conn, line []byte) ([]byte, string, error) {
		return conn.MgrCommand([][]byte{line})
	})
}

func (d *Driver) send(ctx context.Context, out any, c command, send func(*rados.Conn, []byte) ([]byte, string, error)) error {
	line, err := c.encode()
	if err != nil {
		return fmt.Errorf("encoding a command: %w", err)
	}
	answer, err := ask(ctx, d, fmt.Sprint(c["prefix"]), func(conn *rados.Conn) ([]byte, error) {
		body, status, err := send(conn, line)
		if err != nil {
			return nil, &refusal{status: status, err: err}
		}
		return body, nil
	})
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return mapped(fmt.Sprint(c["prefix"]), fmt.Errorf("the answer is unreadable: %w", err))
	}
	return nil
}

// refusal is what the cluster said to a command, in words and as an error number.
type refusal struct {
	status string
	err    error
}

func (r *refusal) Error() string {
	if r.status == "" {
		return r.err.Error()
	}
	return r.status
}

func (r *refusal) Unwrap() error { return r.err }
