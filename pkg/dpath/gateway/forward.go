package gateway

import (
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
)

// hopByHop are the fields that belong to one connection.
var hopByHop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// rewrite turns a request that came in, which is ours by now, into the one that
// goes to a node of the app.
func rewrite(r *http.Request, app string) {
	u := *r.URL
	u.Scheme, u.Host, u.RawQuery = "http", app, readable(u.RawQuery)
	r.URL, r.RequestURI, r.Close = &u, "", false
	if r.ContentLength == 0 {
		r.Body = nil
	}
	trailers := strings.EqualFold(r.Header.Get("Te"), "trailers")
	dropHopByHop(r.Header)
	if trailers {
		r.Header["Te"] = []string{"trailers"} // gRPC insists on it
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = nil // else the transport adds its own
	}
	delete(r.Header, "Forwarded")
	delete(r.Header, "X-Forwarded-For")
	v := []string{"", r.Host, "http"} // in one piece
	if client, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		v[0] = client
		r.Header["X-Forwarded-For"] = v[:1:1]
	}
	r.Header["X-Forwarded-Host"] = v[1:2:2]
	if r.TLS != nil {
		v[2] = "https"
	}
	r.Header["X-Forwarded-Proto"] = v[2:]
}

// readable leaves out what the entry itself could not read of a query, so that
// a node sees no parameter that the rules did not.
func readable(query string) string {
	if !strings.ContainsAny(query, ";%") {
		return query
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return values.Encode()
	}
	return query
}

func dropHopByHop(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(textproto.TrimString(name))
		}
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
}

// answer passes a node's answer on. When it breaks off, so does ours: the
// client must not take it for whole.
func answer(w http.ResponseWriter, resp *http.Response) {
	h := w.Header()
	dropHopByHop(resp.Header)
	for k, v := range resp.Header {
		h[k] = v
	}
	for name := range resp.Trailer {
		h["Trailer"] = append(h["Trailer"], name)
	}
	w.WriteHeader(resp.StatusCode)
	announced := len(resp.Trailer)
	streams := resp.ContentLength < 0 || announced > 0
	if streams && flush(w) != nil || pass(w, resp.Body, streams) != nil {
		panic(http.ErrAbortHandler)
	}
	for name, v := range resp.Trailer {
		if announced != len(resp.Trailer) {
			name = http.TrailerPrefix + name
		}
		h[name] = v
	}
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// pass copies a body, a stream without waiting for more than has come.
func pass(w http.ResponseWriter, body io.Reader, streams bool) error {
	if body == http.NoBody {
		return nil
	}
	buffer := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buffer)
	for {
		n, err := body.Read(buffer[:])
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			if streams && flush(w) != nil {
				return io.ErrClosedPipe
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

func flush(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() }
