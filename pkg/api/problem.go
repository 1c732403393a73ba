package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Reasons that only HTTP knows.
const (
	ReasonTooManyRequests  resource.Reason = "TooManyRequests"
	ReasonMethodNotAllowed resource.Reason = "MethodNotAllowed"
	ReasonMediaType        resource.Reason = "UnsupportedMediaType"
	ReasonTimeout          resource.Reason = "Timeout"
	ReasonMalformed        resource.Reason = "Malformed" // the body is not JSON
)

type outcome struct {
	status int
	title  string
}

// outcomes is the one place where a reason becomes an HTTP status.
var outcomes = map[resource.Reason]outcome{
	resource.ReasonInvalid:         {http.StatusUnprocessableEntity, "The request is not valid"},
	resource.ReasonNotFound:        {http.StatusNotFound, "There is no such thing"},
	resource.ReasonAlreadyExists:   {http.StatusConflict, "It exists already"},
	resource.ReasonConflict:        {http.StatusConflict, "Its present state does not allow that"},
	resource.ReasonStale:           {http.StatusPreconditionFailed, "It has changed since"},
	resource.ReasonForbidden:       {http.StatusForbidden, "Not allowed"},
	resource.ReasonUnauthenticated: {http.StatusUnauthorized, "Not signed in"},
	tenancy.ReasonSecondFactor:     {http.StatusUnauthorized, "A code is needed as well"},
	resource.ReasonQuotaExceeded:   {http.StatusForbidden, "The quota does not suffice"},
	resource.ReasonNoCandidate:     {http.StatusConflict, "Nothing is left that fits"},
	resource.ReasonInUse:           {http.StatusConflict, "It is in use"},
	resource.ReasonLocked:          {http.StatusConflict, "It is locked"},
	resource.ReasonUnsupported:     {http.StatusUnprocessableEntity, "Its backend can not do that"},
	resource.ReasonUnavailable:     {http.StatusServiceUnavailable, "Not available at the moment"},
	resource.ReasonStorageFull:     {http.StatusInsufficientStorage, "Storage is full"},
	resource.ReasonTooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	resource.ReasonInternal:        {http.StatusInternalServerError, "Internal error"},
	ReasonTooManyRequests:          {http.StatusTooManyRequests, "Too many requests"},
	ReasonMethodNotAllowed:         {http.StatusMethodNotAllowed, "Method not allowed"},
	ReasonMediaType:                {http.StatusUnsupportedMediaType, "Unsupported media type"},
	ReasonTimeout:                  {http.StatusRequestTimeout, "Too slow"},
	ReasonMalformed:                {http.StatusBadRequest, "The body is not JSON"},
}

// StatusOf returns the HTTP status of a reason.
func StatusOf(r resource.Reason) int {
	if o, ok := outcomes[r]; ok {
		return o.status
	}
	return http.StatusInternalServerError
}

// Problem is an application/problem+json document (RFC 9457) with the kernel's explanation in it.
type Problem struct {
	Type       string               `json:"type" format:"uri" doc:"urn:plaza:problem: and the reason"`
	Title      string               `json:"title" doc:"The reason in words"`
	Status     int                  `json:"status" doc:"HTTP status"`
	Detail     string               `json:"detail" doc:"What is wrong, in a sentence"`
	Reason     resource.Reason      `json:"reason" doc:"For machines, e.g. QuotaExceeded"`
	Kind       string               `json:"kind,omitempty" doc:"Kind of resource the problem is about"`
	Hint       string               `json:"hint,omitempty" doc:"The nearest fix"`
	Fields     []resource.Field     `json:"fields,omitempty" nullable:"false" doc:"Every field that is wrong"`
	Candidates []resource.Candidate `json:"candidates,omitempty" nullable:"false" doc:"What was looked at, and why it was refused"`
	Operation  *resource.Operation  `json:"operation,omitempty" doc:"The operation that failed, when the request waited for one"`
	Instance   string               `json:"instance,omitempty" format:"uri" doc:"Names this request in the server's log"`
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus tells huma the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes JSON problem+json.
func (p *Problem) ContentType(ct string) string {
	if ct == "application/json" {
		return "application/problem+json"
	}
	return ct
}

// problemOf turns any error into a problem; what is not meant for users keeps its text to itself.
func problemOf(ctx context.Context, err error) *Problem {
	out := &Problem{}
	var known *resource.Problem
	var ready *Problem
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &known):
		out.Reason, out.Kind, out.Detail, out.Hint = known.Reason, known.Kind, known.Detail, known.Hint
		out.Fields, out.Candidates = slices.Clone(known.Fields), known.Candidates
		// The same request is answered in the same words, in whatever order it was looked through.
		slices.SortStableFunc(out.Fields, func(a, b resource.Field) int { return cmp.Compare(a.Path, b.Path) })
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		out.Reason, out.Detail = ReasonTimeout, "the request ended before it was answered"
	default:
		out.Reason, out.Detail = resource.ReasonInternal, "something went wrong on the server"
		out.Hint = "the server's log says more under this request's id"
	}
	o, ok := outcomes[out.Reason]
	if !ok {
		o = outcomes[resource.ReasonInternal]
	}
	out.Type, out.Title, out.Status = "urn:plaza:problem:"+string(out.Reason), o.title, o.status
	if r := requestFrom(ctx); r != nil {
		out.Instance = "urn:plaza:request:" + r.id
		if out.Status >= 500 && r.log != nil {
			r.log.Warn("request failed", "request", r.id, "reason", out.Reason, "error", err)
		}
	}
	return out
}

// writeProblem answers with err's problem outside of huma.
func writeProblem(ctx context.Context, w http.ResponseWriter, err error) {
	p := problemOf(ctx, err)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="plaza"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// reasonsOf maps the statuses that huma itself answers with to reasons.
var reasonsOf = map[int]resource.Reason{
	http.StatusBadRequest: ReasonMalformed, http.StatusUnprocessableEntity: resource.ReasonInvalid, http.StatusRequestTimeout: ReasonTimeout,
	http.StatusRequestEntityTooLarge: resource.ReasonTooLarge, http.StatusUnsupportedMediaType: ReasonMediaType, http.StatusNotAcceptable: ReasonMediaType,
}

// init makes every error that huma writes a Problem. huma keeps these settings in package variables.
func init() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(context.Background(), status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return humaProblem(ctx.Context(), status, msg, errs)
	}
}

func humaProblem(ctx context.Context, status int, msg string, errs []error) *Problem {
	for _, err := range errs {
		if reason := resource.ReasonOf(err); reason != resource.ReasonInternal || status == http.StatusInternalServerError {
			return problemOf(ctx, err)
		}
	}
	reason, ok := reasonsOf[status]
	if !ok {
		reason = resource.ReasonInternal
	}
	known := &resource.Problem{Reason: reason, Detail: msg}
	if len(errs) > 0 {
		known.Detail = "the request is not valid"
	}
	for _, err := range errs {
		if d := (huma.ErrorDetailer)(nil); errors.As(err, &d) {
			known.Fields = append(known.Fields, fieldOf(d.ErrorDetail()))
		}
	}
	if reason == ReasonMalformed && len(known.Fields) > 0 {
		known.Detail = "the body is not JSON: " + known.Fields[0].Message
		known.Fields = nil
	}
	return problemOf(ctx, known)
}

var requiredMessage = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// fieldOf names a field the way the kernel does, and never echoes what might be secret or long.
func fieldOf(d *huma.ErrorDetail) resource.Field {
	f := resource.Field{Path: strings.TrimPrefix(strings.TrimPrefix(d.Location, "body."), "body"), Message: d.Message}
	if m := requiredMessage.FindStringSubmatch(d.Message); m != nil {
		f.Path, f.Message = strings.TrimPrefix(f.Path+"."+m[1], "."), "is required"
		return f
	}
	if d.Message == "unexpected property" {
		f.Message = "there is no such field"
	}
	switch v := d.Value.(type) {
	case bool, float64, int64, int:
		f.Value = v
	case string:
		if len(v) <= 64 && !confidential.MatchString(f.Path) {
			f.Value = v
		}
	}
	return f
}

var confidential = regexp.MustCompile(`(?i)(password|secret|token|key|credential|userdata|private)[^.]*$`)
