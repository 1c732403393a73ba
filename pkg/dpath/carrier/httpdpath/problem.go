package httpdpath

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// Reasons of refusals made by the carrier.
const (
	ReasonMisdirected = "dpath-misdirected"
	ReasonNoConfig    = "dpath-no-config"
)

// ErrNoConfig says that no configuration has ever been loaded.
var ErrNoConfig = &dpath.RouteError{
	Reason:  ReasonNoConfig,
	Message: "no dedicated-path configuration is loaded yet",
	Hint:    "publish a rule document, or start from a snapshot",
}

// CallError says which call could not be routed. It wraps a
// [dpath.RouteError] and the error of the last attempt, if there was one.
type CallError struct {
	App, Env string
	Route    *dpath.RouteError
	Last     error
}

// Error names the app and the reason.
func (e *CallError) Error() string {
	s := e.Route.Error() + " (app " + e.App
	if e.Env != "" {
		s += ", environment " + e.Env
	}
	s += ")"
	if e.Last != nil {
		s += ": " + e.Last.Error()
	}
	return s
}

// Unwrap gives the route error and the last attempt's error.
func (e *CallError) Unwrap() []error {
	if e.Last == nil {
		return []error{e.Route}
	}
	return []error{e.Route, e.Last}
}

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

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the peer is gone if this fails
}
