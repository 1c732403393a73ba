package openstack

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/remoteconsoles"

	"github.com/plazacloud/plaza/pkg/provider"
)

// remote are Nova's words for consoles.
var remote = map[provider.ConsoleType]remoteconsoles.CreateOpts{
	provider.ConsoleSerial: {Protocol: remoteconsoles.ConsoleProtocolSerial, Type: remoteconsoles.ConsoleTypeSerial},
	provider.ConsoleVNC:    {Protocol: remoteconsoles.ConsoleProtocolVNC, Type: remoteconsoles.ConsoleTypeNoVNC},
}

// OpenConsole asks Nova for a console and connects to the proxy that Nova names.
func (d *Driver) OpenConsole(ctx context.Context, place, id string, console provider.ConsoleType) (io.ReadWriteCloser, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	opts, ok := remote[console]
	if !ok {
		return nil, provider.Errorf(provider.ReasonInvalid, "serial or vnc", "there is no console %q", console)
	}
	s, err := d.findServer(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Status != "ACTIVE" {
		return nil, provider.Errorf(provider.ReasonConflict, "start it", "server %s does not run: it is %s", id, strings.ToLower(s.Status))
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return nil, err
	}
	made, err := remoteconsoles.Create(ctx, c, s.ID, opts).Extract()
	if isCode(err, http.StatusBadRequest) || isCode(err, http.StatusNotImplemented) {
		return nil, provider.Errorf(provider.ReasonUnsupported, "its operator enables them in nova.conf, by [vnc] and [serial_console]", "the region offers no %s consoles: %w", console, mapped("console", err))
	}
	if err != nil {
		return nil, mapped("open a console", err)
	}
	return dialConsole(ctx, &http.Client{Transport: d.cloud.circuits.next}, made.URL)
}

// dialConsole connects to a console proxy by the address that Nova gives to browsers.
func dialConsole(ctx context.Context, client *http.Client, address string) (io.ReadWriteCloser, error) {
	target, err := proxyURL(address)
	if err != nil {
		return nil, err
	}
	conn, resp, err := websocket.Dial(ctx, target, &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{"binary"}})
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }() // of a refusal; a connection has taken it over
	}
	if err != nil {
		// The address holds a token: it is not told.
		return nil, provider.Errorf(provider.ReasonUnavailable, "plazad must reach the region's console proxy", "the region's console proxy does not answer: %w", hidden{err, target})
	}
	conn.SetReadLimit(-1) // a stream: no message is kept whole
	return websocket.NetConn(context.WithoutCancel(ctx), conn, websocket.MessageBinary), nil
}

// hidden is an error without the token in the address that it may name.
type hidden struct {
	error
	address string
}

func (h hidden) Error() string {
	_, token, _ := strings.Cut(h.address, "?") // the scheme may be told as http
	return strings.ReplaceAll(h.error.Error(), token, "…")
}

func (h hidden) Unwrap() error { return h.error }

// proxyURL is where the websocket is: as it is for serial consoles; of noVNC Nova names its page, which connects to the
// path that its query holds, or by the token alone.
func proxyURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", provider.Errorf(provider.ReasonInternal, "", "the region gave a console without an address")
	}
	switch u.Scheme {
	case "ws", "wss":
		return u.String(), nil
	case "http", "https":
	default:
		return "", provider.Errorf(provider.ReasonInternal, "", "the region gave a console by %s", u.Scheme)
	}
	out := url.URL{Scheme: strings.Replace(u.Scheme, "http", "ws", 1), Host: u.Host, Path: "/"}
	if path := u.Query().Get("path"); path != "" {
		rest, query, _ := strings.Cut(path, "?")
		out.Path, out.RawQuery = "/"+strings.TrimPrefix(rest, "/"), query
	} else {
		out.RawQuery = url.Values{"token": {u.Query().Get("token")}}.Encode()
	}
	return out.String(), nil
}
