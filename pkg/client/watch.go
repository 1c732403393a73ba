package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Event is a change of an object. Change is sync (the stream begins; no object), put or delete.
type Event struct {
	Revision int64   `json:"revision"`
	Kind     string  `json:"kind,omitempty"`
	ObjectID string  `json:"objectId,omitempty"`
	Project  string  `json:"project,omitempty"`
	Name     string  `json:"name,omitempty"`
	Change   string  `json:"change"`
	Object   *Object `json:"object,omitempty"`
}

// WatchQuery says what is followed.
type WatchQuery struct {
	Kinds   []string
	Project string
	After   int64 // revision; 0 starts now
}

// comeBack is how long a stream that broke off waits before it is taken up again.
const comeBack = time.Second

// Follow hands changes to f until ctx ends, f fails, or the server refuses. A stream that breaks off is taken up where
// it was, so that nothing is missed; f may then see an event twice.
func (c *Client) Follow(ctx context.Context, q WatchQuery, f func(Event) error) error {
	last, started := "", false
	for {
		params := &WatchParams{Kinds: optList(q.Kinds), Project: opt(q.Project), After: opt(q.After), LastEventID: opt(last)}
		resp, err := Check(c.Watch(ctx, params))
		if err == nil {
			err = events(resp.Body, func(id string, e Event) error {
				if id != "" {
					last = id
				}
				if e.Change == "" || started && e.Change == "sync" {
					return nil
				}
				if last == "" {
					last = strconv.FormatInt(e.Revision, 10)
				}
				started = true
				return f(e)
			})
			_ = resp.Body.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && (!started || ReasonOf(err) != ReasonUnreachable) {
			return err
		}
		select {
		case <-time.After(comeBack):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// events reads server-sent events; nil at the end of the stream.
func events(r io.Reader, f func(id string, e Event) error) error {
	lines := bufio.NewReader(r)
	id, data := "", ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil //nolint:nilerr // the stream ended or broke off; the caller comes back
		}
		line = strings.TrimRight(line, "\r\n")
		field, text, _ := strings.Cut(line, ":")
		text = strings.TrimPrefix(text, " ")
		switch {
		case line == "" && (data != "" || id != ""):
			var e Event
			if data != "" {
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					return fmt.Errorf("the server's event is not what was expected: %w", err)
				}
			}
			if err := f(id, e); err != nil {
				return err
			}
			id, data = "", ""
		case field == "id":
			id = text
		case field == "data":
			data += text
		}
	}
}
