package grpcdpath

import (
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Domain is that of the errdetails.ErrorInfo in errors of this package.
const Domain = "dpath"

// Reason gives the reason of an error made by this package or by the guard of
// a node, such as lane_unavailable or dpath-misdirected; "" for other errors.
func Reason(err error) string {
	s, ok := status.FromError(err)
	if !ok {
		return ""
	}
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain {
			return info.GetReason()
		}
	}
	return ""
}

// routeError is a carrier.CallError that gRPC understands: UNAVAILABLE, with
// the reason in an ErrorInfo.
type routeError struct{ *carrier.CallError }

// GRPCStatus serves status.FromError.
func (e routeError) GRPCStatus() *status.Status {
	return newStatus(codes.Unavailable, e.Error(), e.Route.Reason, e.Route.Hint)
}

// Unwrap gives the carrier.CallError.
func (e routeError) Unwrap() error { return e.CallError }

// routeFailed gives an error of routing the form of gRPC.
func routeFailed(err error) error {
	var call *carrier.CallError
	if errors.As(err, &call) {
		return routeError{call}
	}
	return status.FromContextError(err).Err()
}

func noConfig(app string) error {
	return routeError{&carrier.CallError{App: app, Route: carrier.ErrNoConfig}}
}

func newStatus(code codes.Code, message, reason, hint string) *status.Status {
	s := status.New(code, message)
	detailed, err := s.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: Domain, Metadata: map[string]string{"hint": hint}})
	if err != nil {
		return s
	}
	return detailed
}

// codeOf gives the code that a handler's or a call's error travels as.
func codeOf(err error) codes.Code {
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return status.FromContextError(err).Code()
}

// failed tells whether an error speaks against the node that answered so.
func failed(err error) bool {
	c := codeOf(err)
	return c == codes.Unavailable || c == codes.DeadlineExceeded
}
