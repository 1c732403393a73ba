package httpdpath

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/plazacloud/plaza/pkg/dpath"
)

type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// WriteError answers a failed call as problem+json: 503 with the reason when
// no node could take it, 502 otherwise.
func WriteError(w http.ResponseWriter, err error) {
	var route *dpath.RouteError
	if errors.As(err, &route) {
		writeProblem(w, problem{Status: http.StatusServiceUnavailable, Reason: route.Reason, Detail: err.Error(), Hint: route.Hint})
		return
	}
	writeProblem(w, problem{Status: http.StatusBadGateway, Reason: "call_failed", Detail: err.Error()})
}

// WriteProblem answers as problem+json with a machine-readable reason, a
// sentence, and what to do next, which may be empty.
func WriteProblem(w http.ResponseWriter, status int, reason, detail, hint string) {
	writeProblem(w, problem{Status: status, Reason: reason, Detail: detail, Hint: hint})
}

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the peer is gone if this fails
}
