// Package span makes OpenTelemetry spans tell on which path they are:
//
//	provider := trace.NewTracerProvider(trace.WithSpanProcessor(span.NewProcessor(metrics)), trace.WithBatcher(exporter))
//
// Every span begun under a labelled call then has the attribute dpath_env with
// the environment; spans of common calls have none. A span that was begun
// before the guard saw the call, as those of HTTP middleware are, gets it by
// [dpath.WithLabel].
package span

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// AttributeLost names the environment of the parent in a span that should have
// it too: the code between them dropped the context's label and kept its span.
const AttributeLost = "dpath_env_lost"

// Processor is a span processor that names environments. It keeps nothing.
type Processor struct{ metrics *dpath.Metrics }

var _ sdk.SpanProcessor = (*Processor)(nil)

// NewProcessor makes a processor; m counts lost labels and may be nil.
func NewProcessor(m *dpath.Metrics) *Processor { return &Processor{m} }

// OnStart implements sdk.SpanProcessor.
func (p *Processor) OnStart(ctx context.Context, s sdk.ReadWriteSpan) {
	if env := dpath.Env(ctx); env != "" {
		s.SetAttributes(attribute.String(dpath.AttributeEnv, env))
		return
	}
	parent, ok := trace.SpanFromContext(ctx).(sdk.ReadOnlySpan)
	if !ok || !parent.SpanContext().IsValid() || s.Parent().SpanID() != parent.SpanContext().SpanID() {
		return
	}
	for _, a := range parent.Attributes() {
		if a.Key == dpath.AttributeEnv {
			p.metrics.LabelLost(a.Value.AsString())
			s.SetAttributes(attribute.String(AttributeLost, a.Value.AsString()))
			return
		}
	}
}

// OnEnd implements sdk.SpanProcessor.
func (*Processor) OnEnd(sdk.ReadOnlySpan) {}

// Shutdown implements sdk.SpanProcessor.
func (*Processor) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdk.SpanProcessor.
func (*Processor) ForceFlush(context.Context) error { return nil }
