package grpcdpath

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// GuardOptions says what the guard lets through. The zero value is strict.
type GuardOptions struct {
	// Exempt lists full methods served to anybody, such as
	// /grpc.health.v1.Health/Check. They must have no effect beyond their answer.
	Exempt []string
}

// Guard gives the options of a provider's server: it verifies the label of
// each call, puts it into the call's context, and lets a dedicated node serve
// only calls of its own environment. Others get FAILED_PRECONDITION with reason
// dpath-misdirected before business code sees them, and calls of a rehearsal
// that is not kept apart here PERMISSION_DENIED. Without any configuration it answers UNAVAILABLE, since the node cannot know whether it is dedicated.
// A stream is judged when it begins, and ends normally.
func (p *Peer) Guard(opts GuardOptions) []grpc.ServerOption {
	exempt := slices.Clone(opts.Exempt)
	return gate(func(ctx context.Context, method string) (context.Context, *served, error) {
		if slices.Contains(exempt, method) {
			return ctx, &served{}, nil
		}
		return p.guard(ctx)
	}).options()
}

func (p *Peer) guard(ctx context.Context) (context.Context, *served, error) {
	cfg := p.Store.Current()
	if cfg == nil {
		return nil, nil, refuse(ctx, carrier.ReasonNoConfig, noConfig(p.App))
	}
	md, _ := metadata.FromIncomingContext(ctx)
	h := headers(md)
	label := p.Label(h)
	s := &served{trail: p.Probe(h)}
	lane, refusal := p.Admits(cfg, label)
	decision := h.Get(trail.HeaderDecision)
	h.Del(trail.HeaderDecision)
	if s.trail != nil {
		if refusal == carrier.ErrMisdirected && s.trail.Probe().NoGuard {
			refusal = nil
		}
		if refusal != nil {
			decision = trail.Refused
		}
		s.seal = func() string { return s.trail.Seal(p.Hop(cfg, label.Env(), decision), cfg.Hash()) }
	}
	if refusal != nil {
		p.Metrics.GuardReject(p.App, lane)
		code := codes.PermissionDenied
		if refusal == carrier.ErrMisdirected {
			code = codes.FailedPrecondition
		}
		err := newStatus(code, refusal.Message, refusal.Reason, refusal.Hint).Err()
		s.end(ctx, err)
		return nil, nil, refuse(ctx, refusal.Reason, err)
	}
	return s.context(ctx, fromHeaders(h), label), s, nil
}

// refuse marks an error as this node's own, made before business code.
func refuse(ctx context.Context, reason string, err error) error {
	_ = grpc.SetTrailer(ctx, metadata.Pairs(trailerRefused, reason)) // the caller is gone if this fails
	return err
}
