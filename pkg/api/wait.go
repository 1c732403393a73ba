package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// maxWait is how long a request may wait for an operation.
const maxWait = 10 * time.Minute

// waitTime reads a duration, or a number of seconds.
func waitTime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if seconds, plain := strconv.Atoi(text); plain == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 || d > maxWait {
		return 0, resource.Invalid("", "query.wait", text, "is a duration such as 30s, at most 10m")
	}
	return d, nil
}

// wait returns the operation when it has succeeded or time is up; that of a failed one is an error.
func (s *Server) wait(ctx context.Context, id string, atMost time.Duration) (resource.Operation, error) {
	deadline := time.NewTimer(atMost)
	defer deadline.Stop()
	view := s.cfg.Store.View(resource.ActorFrom(ctx).Scope)
	for pause := 5 * time.Millisecond; ; pause = min(pause*2, 50*time.Millisecond) {
		op, err := view.Operation(ctx, id)
		if err != nil {
			return op, err
		}
		if op.Ended() {
			return op, failure(ctx, op)
		}
		select {
		case <-time.After(pause):
		case <-deadline.C:
			return op, nil
		case <-ctx.Done():
			return op, ctx.Err()
		}
	}
}

// failure is the problem of an operation that ended without success.
func failure(ctx context.Context, op resource.Operation) error {
	if op.State == resource.OperationSucceeded {
		return nil
	}
	known := &resource.Problem{}
	if len(op.Problem) == 0 || json.Unmarshal(op.Problem, known) != nil || known.Reason == "" {
		known = resource.Problemf(resource.ReasonConflict, op.Kind, "see: plaza operation get "+op.ID, "%s %s was %s: %s", op.Verb, op.ObjectName, op.State, op.Message)
	}
	p := problemOf(ctx, known)
	p.Operation = &op
	return p
}
