package httpdpath

import (
	"io"
	"net/http"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// headerDownstream marks a failed response whose cause lies further down the
// chain, so that callers do not eject a node that only passes the news on.
const headerDownstream = "X-Dpath-Downstream"

// response adds the hop's headers at the moment the handler sends its own.
type response struct {
	http.ResponseWriter
	serving carrier.Serving
	label   dpath.Labelled
	request http.Request     // as the handler gets it
	edge    bool             // nothing of ours may leave except a probe's trail
	trail   *trail.Collector // nil unless a probe
	seal    func() string
	sent    bool
}

// Unwrap serves http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements http.Flusher for handlers that ask for it directly.
func (w *response) Flush() {
	w.header(http.StatusOK)
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	w.header(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(b []byte) (int, error) {
	w.header(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// WriteString implements io.StringWriter, so that a text is not copied for us.
func (w *response) WriteString(s string) (int, error) {
	w.header(http.StatusOK)
	return io.WriteString(w.ResponseWriter, s)
}

func (w *response) header(status int) {
	if w.sent || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.sent = true
	h := w.Header()
	delete(h, headerDownstream)
	delete(h, trail.HeaderTrail)
	if status >= 500 && !w.edge && w.serving.Failed() {
		h.Set(headerDownstream, "failed")
	}
	if w.trail != nil {
		h.Set(trail.HeaderTrail, w.seal())
	}
}
