package carrier

import (
	"errors"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// Reasons of refusals made by carriers.
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

// RouteFailed wraps what [dpath.Pick] returned, and the error of the last attempt.
func RouteFailed(app, env string, err, last error) error {
	var route *dpath.RouteError
	if !errors.As(err, &route) {
		return err
	}
	return &CallError{App: app, Env: env, Route: route, Last: last}
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
