package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// Dial opens the websocket at a path of the server, such as a ticket for a console gave. The caller closes it.
func (c *Client) Dial(ctx context.Context, path string) (*websocket.Conn, error) {
	d, ok := c.Client.(*doer)
	if !ok {
		return nil, fmt.Errorf("a client made by Connect is needed, not one of %T", c.Client)
	}
	header := http.Header{"Authorization": {"Bearer " + d.Token}, "User-Agent": {d.UserAgent}}
	conn, resp, err := websocket.Dial(ctx, d.Server+path, &websocket.DialOptions{HTTPClient: d.http, HTTPHeader: header, Subprotocols: []string{"binary"}})
	if err == nil {
		return conn, nil
	}
	if resp == nil {
		return nil, unreachable(d.Server, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if refusal := Refusal(resp); refusal != nil {
		return nil, refusal
	}
	return nil, fmt.Errorf("%s%s is no websocket: %w", d.Server, path, err)
}
