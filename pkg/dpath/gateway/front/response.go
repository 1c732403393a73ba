package front

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath/internal/h1"
)

// response writes one answer.
type response struct {
	conn    *conn
	head    bool // answers HEAD
	header  http.Header
	status  int // 0: not begun
	length  int64
	written int64
	chunked bool
	close   bool // the connection ends with it
	failed  bool
	names   []string // of announced trailers
}

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	switch {
	case w.status != 0:
		return
	case status >= 100 && status < 200:
		w.informational(status)
		return
	}
	w.status = status
	w.frame()
	out := w.conn.out
	w.line(status)
	if _, dated := w.header["Date"]; !dated {
		_, _ = out.WriteString("Date: ")
		_, _ = out.Write(time.Now().UTC().AppendFormat(out.AvailableBuffer(), http.TimeFormat))
		_, _ = out.WriteString("\r\n")
	}
	w.fields()
	switch {
	case w.chunked:
		_, _ = out.WriteString("Transfer-Encoding: chunked\r\n")
	case w.length >= 0:
		_, _ = out.WriteString("Content-Length: ")
		_, _ = out.Write(strconv.AppendInt(out.AvailableBuffer(), w.length, 10))
		_, _ = out.WriteString("\r\n")
	}
	if w.close {
		_, _ = out.WriteString("Connection: close\r\n")
	}
	_, _ = out.WriteString("\r\n")
}

// framing are the fields that the framing itself writes.
var framing = map[string]bool{"Content-Length": true, "Transfer-Encoding": true, "Connection": true}

func (w *response) fields() {
	if h1.Plain(w.header) {
		h1.WriteFields(w.conn.out, w.header, func(name string) bool { return framing[name] })
		return
	}
	_ = w.header.WriteSubset(w.conn.out, framing)
}

// informational sends such as 103 ahead of the answer.
func (w *response) informational(status int) {
	w.line(status)
	w.fields()
	_, _ = w.conn.out.WriteString("\r\n")
	_ = w.conn.out.Flush()
}

func (w *response) line(status int) {
	out := w.conn.out
	_, _ = out.WriteString("HTTP/1.1 ")
	_, _ = out.Write(strconv.AppendInt(out.AvailableBuffer(), int64(status), 10))
	_ = out.WriteByte(' ')
	_, _ = out.WriteString(http.StatusText(status))
	_, _ = out.WriteString("\r\n")
}

// frame decides how the end of the body is told, from status and header.
func (w *response) frame() {
	w.close = w.close || w.conn.server.closing.Load() || slices.ContainsFunc(w.header["Connection"], func(v string) bool { return strings.EqualFold(v, "close") })
	for _, v := range w.header["Trailer"] {
		for n := range strings.SplitSeq(v, ",") {
			w.names = append(w.names, http.CanonicalHeaderKey(strings.TrimSpace(n)))
		}
	}
	w.length = -1
	if cl := w.header["Content-Length"]; len(cl) == 1 {
		if n, err := strconv.ParseInt(cl[0], 10, 64); err == nil && n >= 0 {
			w.length = n
		}
	}
	if w.bodiless() {
		return
	}
	w.chunked = w.length < 0 && !w.head
}

// bodiless statuses have no body and, but for 304, no length.
func (w *response) bodiless() bool {
	if w.status == http.StatusNoContent {
		w.length = -1
	}
	return w.status == http.StatusNoContent || w.status == http.StatusNotModified
}

// Write implements http.ResponseWriter.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.status == http.StatusNoContent || w.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	case w.head || len(b) == 0:
		return len(b), nil
	case w.chunked:
		return w.chunk(b)
	case w.written+int64(len(b)) > w.length:
		w.failed = true
		return 0, http.ErrContentLength
	}
	n, err := w.conn.out.Write(b)
	w.written += int64(n)
	return n, w.note(err)
}

func (w *response) chunk(b []byte) (int, error) {
	out := w.conn.out
	_, _ = out.Write(strconv.AppendInt(out.AvailableBuffer(), int64(len(b)), 16))
	_, _ = out.WriteString("\r\n")
	n, _ := out.Write(b)
	_, err := out.WriteString("\r\n") // a bufio.Writer keeps its first error
	return n, w.note(err)
}

func (w *response) note(err error) error {
	w.failed = w.failed || err != nil
	return err
}

// FlushError serves http.ResponseController.
func (w *response) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.note(w.conn.out.Flush())
}

// Flush implements http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// SetWriteDeadline serves http.ResponseController.
func (w *response) SetWriteDeadline(t time.Time) error { return w.conn.nc.SetWriteDeadline(t) }

// finish ends the answer; false ends the connection.
func (w *response) finish() bool {
	if w.status == 0 {
		w.header.Set("Content-Length", "0") // a handler that wrote nothing
		w.WriteHeader(http.StatusOK)
	}
	short := !w.chunked && !w.head && w.length > w.written && w.status != http.StatusNotModified
	if w.chunked {
		w.trailers()
	}
	return w.note(w.conn.out.Flush()) == nil && !w.failed && !short && !w.close
}

// trailers ends a chunked body with the fields announced, or named with [http.TrailerPrefix].
func (w *response) trailers() {
	out := w.conn.out
	_, _ = out.WriteString("0\r\n")
	trailer := http.Header{}
	for _, name := range w.names {
		if v, ok := w.header[name]; ok {
			trailer[name] = v
		}
	}
	for _, k := range slices.Sorted(maps.Keys(w.header)) {
		if name, ok := strings.CutPrefix(k, http.TrailerPrefix); ok {
			trailer[http.CanonicalHeaderKey(name)] = w.header[k]
		}
	}
	_ = trailer.Write(out)
	_, _ = io.WriteString(out, "\r\n")
}
