package span_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
	"github.com/plazacloud/plaza/pkg/dpath/span"
)

func tracer(t *testing.T, m *dpath.Metrics) (trace.Tracer, *tracetest.InMemoryExporter) {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	p := sdk.NewTracerProvider(sdk.WithSpanProcessor(span.NewProcessor(m)), sdk.WithSyncer(spans))
	t.Cleanup(func() { require.NoError(t, p.Shutdown(context.Background())) })
	return p.Tracer("test"), spans
}

func of(s tracetest.SpanStub, key attribute.Key) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.AsString()
		}
	}
	return ""
}

// Every app of the chain begins a span of its own under each call.
func TestSpansOfAChainCarryTheEnvironment(t *testing.T) {
	tr, spans := tracer(t, nil)
	r := rig.New(t, []string{"newRetail"}, nil)
	r.Handle = func(n *rig.Node, _ *http.Client, _ http.ResponseWriter, req *http.Request) bool {
		ctx := propagation.TraceContext{}.Extract(req.Context(), propagation.HeaderCarrier(req.Header))
		ctx, s := tr.Start(ctx, n.App)
		_, inner := tr.Start(context.WithoutCancel(ctx), "in "+n.App)
		inner.End()
		s.End()
		return false
	}
	traces := map[string]string{}
	for _, env := range []string{"newRetail", ""} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.Entry.URL, nil)
		require.NoError(t, err)
		id := dpath.NewTrace()
		req.Header.Set("Traceparent", "00-"+id+"-00f067aa0ba902b7-01")
		if env != "" {
			req.Header.Set(rig.HeaderEnv, env)
		}
		resp, err := r.Client.Do(req)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, errors.Join(err, resp.Body.Close()))
		traces[id] = env
	}
	seen := map[string]int{}
	for _, s := range spans.GetSpans() {
		env := traces[s.SpanContext.TraceID().String()] // a common call's trace is for others to carry on
		require.Equal(t, env, of(s, dpath.AttributeEnv), s.Name)
		seen[env]++
	}
	require.Equal(t, map[string]int{"newRetail": 2 * len(rig.Apps), "": 2 * len(rig.Apps)}, seen)
}

// Middleware begins its span before the label is known, and work that waited is under a new one.
func TestSpansBegunBeforeTheLabel(t *testing.T) {
	tr, spans := tracer(t, nil)
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	ctx, s := tr.Start(context.Background(), "middleware")
	label, err := dpath.Sign(keys, "vip", s.SpanContext().TraceID().String(), time.Now(), 0)
	require.NoError(t, err)
	ctx = dpath.WithLabel(ctx, label)
	s.End()

	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, store.Set(&dpath.Document{Enable: true, Version: 1, EnvRules: []dpath.EnvRule{{EnvName: "vip"}}}, &dpath.Registry{}))
	peer := &carrier.Peer{Store: store, Keys: keys}
	headers := http.Header{}
	lane, err := peer.Park(ctx, headers)
	require.NoError(t, err)
	require.Equal(t, "vip", lane)
	under, _ := peer.Restore(context.Background(), store.Current(), headers)
	_, work := tr.Start(under, "work that waited")
	work.End()

	for _, one := range spans.GetSpans() {
		require.Equal(t, "vip", of(one, dpath.AttributeEnv), one.Name)
		require.Equal(t, label.Trace(), one.SpanContext.TraceID().String(), one.Name)
	}
	require.Len(t, spans.GetSpans(), 2)
}

func TestALostLabelIsCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := dpath.NewMetrics(registry)
	require.NoError(t, err)
	tr, spans := tracer(t, m)
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	label, err := dpath.Sign(keys, "vip", dpath.NewTrace(), time.Now(), 0)
	require.NoError(t, err)
	ctx, parent := tr.Start(dpath.WithLabel(context.Background(), label), "parent")
	// What a queue of one's own does when it keeps the span alone.
	lost, child := tr.Start(trace.ContextWithSpan(context.Background(), parent), "child")
	_, grandchild := tr.Start(lost, "grandchild") // is told of once
	_, kept := tr.Start(ctx, "kept")
	for _, s := range []trace.Span{grandchild, kept, child, parent} {
		s.End()
	}
	got := map[string][2]string{}
	for _, s := range spans.GetSpans() {
		got[s.Name] = [2]string{of(s, dpath.AttributeEnv), of(s, span.AttributeLost)}
	}
	require.Equal(t, map[string][2]string{"parent": {"vip", ""}, "kept": {"vip", ""}, "child": {"", "vip"}, "grandchild": {}}, got)
	n, err := testutil.GatherAndCount(registry, "dpath_label_lost_total")
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
