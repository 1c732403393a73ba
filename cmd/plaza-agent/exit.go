package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/plazacloud/plaza/agents/agent"
	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitNotRunning = 3
	exitToken      = 4
	exitServer     = 5
	exitTrust      = 6
	exitClock      = 7
)

const exitCodesHelp = `Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not enrolled or not running; 4 token or name refused;
5 server not reached; 6 server not trusted; 7 clock wrong.`

var errNotRunning = errors.New("the agent does not run")

func exitCode(err error) int {
	var usage usageError
	var refusal *agent.Refusal
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &refusal):
		return refusalCode(refusal.Kind)
	case errors.Is(err, agent.ErrNotEnrolled), errors.Is(err, errNotRunning):
		return exitNotRunning
	}
	return exitFailed
}

func refusalCode(kind agent.RefusalKind) int {
	switch kind {
	case agent.RefusedUsage:
		return exitUsage
	case agent.RefusedToken:
		return exitToken
	case agent.RefusedServer:
		return exitServer
	case agent.RefusedTrust:
		return exitTrust
	case agent.RefusedClock:
		return exitClock
	}
	return exitFailed
}

func explain(w io.Writer, err error) {
	_, _ = fmt.Fprintln(w, "plaza-agent:", err) // nothing is left to tell when stderr is gone
	if hint := hintOf(err); hint != "" {
		_, _ = fmt.Fprintln(w, "hint:", hint)
	}
}

func hintOf(err error) string {
	var refusal *agent.Refusal
	var refused *provider.Error
	switch {
	case errors.As(err, &refusal):
		return refusal.Hint
	case errors.As(err, &refused):
		return refused.Hint
	case errors.Is(err, agent.ErrNotEnrolled):
		return "plaza-agent enrol --server URL --token TOKEN"
	case errors.Is(err, errNotRunning):
		return "plaza-agent run"
	}
	return ""
}
