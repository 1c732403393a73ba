// Package h1 writes heads of HTTP/1.1 messages. It writes what is plain without
// sorting or copying it; anything else is for net/http to judge.
package h1

import (
	"bufio"
	"net/http"
	"net/textproto"

	"golang.org/x/net/http/httpguts"
)

// Plain tells whether every field can be written as it is: no name or value
// that a strict reader would refuse or that would end its line.
func Plain(h http.Header) bool {
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return false
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return false
			}
		}
	}
	return true
}

// WriteFields writes the fields of a plain header but for those hidden. A
// bufio.Writer keeps its first error, so there is none to look at here.
func WriteFields(w *bufio.Writer, h http.Header, hidden func(name string) bool) {
	for name, values := range h {
		if hidden(name) {
			continue
		}
		for _, v := range values {
			WriteField(w, name, textproto.TrimString(v))
		}
	}
}

// WriteField writes one field.
func WriteField(w *bufio.Writer, name, value string) {
	_, _ = w.WriteString(name)
	_, _ = w.WriteString(": ")
	_, _ = w.WriteString(value)
	_, _ = w.WriteString("\r\n")
}

// WriteRequest writes a request as [http.Request.Write] does, in another order
// of fields.
func WriteRequest(w *bufio.Writer, r *http.Request) error {
	target, host := r.URL.RequestURI(), r.Host
	if host == "" {
		host = r.URL.Host
	}
	if !bare(r) || !printable(target) || !hostname(host) || !Plain(r.Header) {
		return r.Write(w)
	}
	_, _ = w.WriteString(r.Method)
	_ = w.WriteByte(' ')
	_, _ = w.WriteString(target)
	_, _ = w.WriteString(" HTTP/1.1\r\n")
	WriteField(w, "Host", host)
	if agents, set := r.Header["User-Agent"]; !set {
		WriteField(w, "User-Agent", "Go-http-client/1.1")
	} else if len(agents) > 0 && agents[0] != "" {
		WriteField(w, "User-Agent", textproto.TrimString(agents[0]))
	}
	WriteFields(w, r.Header, written)
	_, err := w.WriteString("\r\n")
	return err
}

// written are the fields that a request's own state stands for.
func written(name string) bool {
	switch name {
	case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

// bare requests have no body and no framing to tell.
func bare(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (r.Body == nil || r.Body == http.NoBody) &&
		r.ContentLength == 0 && !r.Close && len(r.TransferEncoding) == 0 && len(r.Trailer) == 0
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// hostname tells that a host needs no translation: letters, digits and what stands between them, and a port.
func hostname(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '.' && c != '-' && c != ':' {
			return false
		}
	}
	return s != ""
}
