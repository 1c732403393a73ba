package carrier

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/plazacloud/plaza/pkg/dpath"
)

const (
	// CommonLane is where common work waits: the token that subjects, routing
	// keys and queues carry where else the environment stands. It cannot be an
	// environment's name.
	CommonLane = "_"

	// ShadowLane ends the name of a lane in which the work of rehearsals waits, as
	// _~shadow or newRetail~shadow.
	ShadowLane = "~shadow"

	// AtRest is how long the label of waiting work is trusted; see [Peer.Park].
	AtRest = 30 * 24 * time.Hour

	// DefaultSilence is how long no dedicated consumer may be heard of before
	// public ones take its lane, where the policy lets them.
	DefaultSilence = 15 * time.Second
)

// Message is one unit of work that waits, whatever carries it.
type Message struct {
	// ID tells repeated deliveries of one message; the receiver's inbox uses it.
	ID string
	// Subject says what it is about, without the lane, as t.orders.created.
	Subject string
	Data    []byte
	// Header holds further headers; a label in it is replaced.
	Header map[string][]string
	// Due is when it is to be delivered; zero means at once.
	Due time.Time
	// Attempt counts deliveries from 1; publishers leave it 0.
	Attempt int
}

// Handler does the work of a message. Its context carries label and trace, so
// that calls made under it stay in the lane. An error means: again later.
type Handler func(ctx context.Context, m *Message) error

// Park writes label and trace of ctx into the headers of work that will wait,
// and gives the lane it waits in. Whatever label the headers held is removed.
//
// A label lives minutes, a queue may hold work for days. So the label at rest
// is signed anew for [AtRest], bound to the same trace: a copy of it on work of
// another trace is refused like any forgery. [Peer.Restore] gives those who go
// on with the work a label of the usual lifetime in its place. Keys must stay in the keyring for
// as long.
func (p *Peer) Park(ctx context.Context, h http.Header) (lane string, err error) {
	cfg := p.Store.Current()
	if cfg == nil {
		return "", ErrNoConfig
	}
	p.Metrics.LabelInvalid("outside", dpath.Strip(h))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(h))
	label, err := p.sign(cfg, p.Valid(dpath.FromContext(ctx)), AtRest)
	if err != nil {
		return "", err
	}
	label.Inject(h)
	small(h)
	return LaneOf(label), nil
}

// small writes the names of label and trace as W3C does: message headers tell cases apart.
func small(h http.Header) {
	for _, name := range []string{dpath.HeaderBaggage, dpath.HeaderTraceparent, dpath.HeaderMirror, dpath.HeaderShadow, "Tracestate"} {
		if v, ok := h[name]; ok {
			delete(h, name)
			h[strings.ToLower(name)] = v
		}
	}
}

// LaneOf names the lane in which work with a label waits.
func LaneOf(label dpath.Label) string {
	lane := CommonLane
	if label.Env() != "" {
		lane = label.Env()
	}
	if label.Shadow() {
		lane += ShadowLane
	}
	return lane
}

// sign makes a label anew. Without its environment, which may be gone, work is
// common, or a rehearsal's among common work; a rehearsal's that is not valid
// stays as it is, with [dpath.ErrShadowLost].
func (p *Peer) sign(cfg *dpath.Config, label dpath.Label, ttl time.Duration) (dpath.Label, error) {
	env := label.Env()
	if !cfg.HasEnv(env) {
		env = ""
	}
	switch {
	case label.Shadow() && !label.Valid():
		return label, dpath.ErrShadowLost
	case label.Shadow():
		return dpath.SignShadow(p.Keys, env, label.Trace(), p.Time(), ttl)
	case env == "":
		return dpath.Label{}, nil
	}
	return dpath.Sign(p.Keys, env, label.Trace(), p.Time(), ttl)
}

// Restore gives ctx the trace and the label that Park wrote into h, the label
// signed anew for the usual lifetime; parked is the one it was parked with. When
// its environment is gone by now, the context is common. A label that is not
// valid is counted and taken out of h, or forbids what a rehearsal's would.
func (p *Peer) Restore(ctx context.Context, cfg *dpath.Config, h map[string][]string) (_ context.Context, parked dpath.Label) {
	parked = p.Label(h)
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(canonical(h)))
	fresh, _ := p.sign(cfg, parked, 0) // env and trace were verified, or it forbids
	return dpath.WithLabel(ctx, fresh), parked
}

// LaneAgain names the lane into which work goes again that was taken out of it,
// as a dead letter is: the common one if the environment is gone or the label no
// longer valid. A rehearsal's must be valid.
func (p *Peer) LaneAgain(h map[string][]string) (string, error) {
	cfg := p.Store.Current()
	if cfg == nil {
		return "", ErrNoConfig
	}
	label, err := p.sign(cfg, p.Label(h), 0)
	return LaneOf(label), err
}

func canonical(h map[string][]string) http.Header {
	c := make(http.Header, len(h))
	for k, v := range h {
		k = http.CanonicalHeaderKey(k)
		c[k] = append(c[k], v...)
	}
	return c
}

// Begin gives ctx a label of a trace of its own, for work that no call caused,
// as a timetable's that names an environment. env "" gives common work.
func (p *Peer) Begin(ctx context.Context, env string) (context.Context, error) {
	if env == "" {
		return dpath.WithLabel(ctx, dpath.Label{}), nil
	}
	label, err := dpath.Sign(p.Keys, env, dpath.NewTrace(), p.Time(), 0)
	return dpath.WithLabel(ctx, label), err
}

// Lanes decides, for one subscription of one process, which lanes it takes
// work from. The rule is that of [dpath.Pick], seen from the other side:
//
//   - A dedicated node takes the lane of its environment and no other, while
//     its rule is active.
//   - The lanes of rehearsals are taken as those of real work are, by processes
//     that keep them apart (see [Peer.Rehearses]), while rehearsals are on.
//   - A public node takes common work; work of environments that no longer
//     exist or that have no dedicated nodes of this app; and, where the policy
//     is failover or spill, work of an environment of whose dedicated consumers
//     fewer than minHealthy were heard of lately. How full these are is not
//     known here, so spill acts like failover. Strict work waits.
//
// It follows the configuration: a node that moves to or from a lane finishes
// what it has in hand, unless its guard forbids, and takes no more. It is safe
// for concurrent use.
type Lanes struct {
	peer    *Peer
	silence time.Duration
	log     *slog.Logger

	mu    sync.Mutex
	heard map[string]time.Time // by node id
	known map[string]bool      // environments of which work was seen
	noted map[string]bool
}

// NewLanes makes the rule of one subscription. silence 0 means
// [DefaultSilence]; log nil means the default logger.
func NewLanes(p *Peer, silence time.Duration, log *slog.Logger) *Lanes {
	if silence <= 0 {
		silence = DefaultSilence
	}
	if log == nil {
		log = slog.Default()
	}
	return &Lanes{peer: p, silence: silence, log: log,
		heard: map[string]time.Time{}, known: map[string]bool{}, noted: map[string]bool{}}
}

// Heard notes that the dedicated consumer on the node with this id lives.
func (l *Lanes) Heard(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[node] = l.peer.Time()
}

// Usable implements [dpath.Health]: a node is, while its consumer is heard of.
// One never asked about before has the whole silence to speak.
func (l *Lanes) Usable(n *dpath.Node) bool {
	if n.Env == "" {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.peer.Time()
	last, ok := l.heard[n.ID]
	if !ok {
		l.heard[n.ID] = now
	}
	return !ok || now.Sub(last) < l.silence
}

// InFlight implements [dpath.Health].
func (l *Lanes) InFlight(*dpath.Node) int { return 0 }

// Beats tells whether this process must let itself be heard: it is dedicated
// and takes its lane.
func (l *Lanes) Beats() bool {
	cfg := l.peer.Store.Current()
	if cfg == nil {
		return false
	}
	own, serving := cfg.Lane(l.peer.App, l.peer.Addr)
	return own != "" && own != dpath.Blocked && serving
}

// Awaited lists the dedicated nodes that a public process listens for.
func (l *Lanes) Awaited() []*dpath.Node {
	cfg := l.peer.Store.Current()
	if cfg == nil {
		return nil
	}
	var nodes []*dpath.Node
	for _, env := range cfg.Envs() {
		nodes = append(nodes, cfg.Dedicated(env, l.peer.App)...)
	}
	return nodes
}

// Know notes that work of a lane may be waiting, though the configuration may
// not know its environment. It tells whether that is news.
func (l *Lanes) Know(lane string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	news := !l.known[lane]
	l.known[lane] = true
	return news
}

// Known lists every lane in which work may wait, sorted.
func (l *Lanes) Known() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	envs := []string{CommonLane}
	if cfg := l.peer.Store.Current(); cfg != nil {
		envs = append(envs, cfg.Envs()...)
	}
	for _, env := range envs {
		l.known[env] = true
		if l.peer.Rehearses {
			l.known[env+ShadowLane] = true
		}
	}
	return slices.Sorted(maps.Keys(l.known))
}

// Takes tells whether this process takes new work from a lane now.
func (l *Lanes) Takes(lane string) bool {
	cfg := l.peer.Store.Current()
	if cfg == nil {
		return false
	}
	lane, shadow := strings.CutSuffix(lane, ShadowLane)
	own, serving := cfg.Lane(l.peer.App, l.peer.Addr)
	switch {
	case shadow && (!l.peer.Rehearses || !cfg.Rehearsal()):
		return false
	case own != "":
		return serving && lane == own
	case lane == CommonLane:
		return true
	}
	label := l.decide(cfg, lane)
	return label != dpath.Dedicated && label != dpath.StrictFail
}

// decide says where work of env belongs. An app that is not registered has no
// dedicated nodes either.
func (l *Lanes) decide(cfg *dpath.Config, env string) string {
	d, _ := dpath.Pick(cfg, env, l.peer.App, l, nil, Source{}) // the label says it all
	if d.Label == "" {
		return dpath.Shared
	}
	return d.Label
}

// Open looks at work that arrived from a lane. With ok it is this process's to
// do, under the returned context, which carries its trace and a fresh label.
// Otherwise no business code may see it: it belongs to the lane named, and is
// put back there if that is where it came from, else sent on; without a name
// nobody may do it, and it becomes a dead letter. A label that is not valid is
// taken out of h first, unless it says that it is a rehearsal's.
func (l *Lanes) Open(ctx context.Context, lane string, h map[string][]string) (_ context.Context, belongs string, ok bool) {
	p := l.peer
	cfg := p.Store.Current()
	if cfg == nil {
		return ctx, lane, false
	}
	under, parked := p.Restore(ctx, cfg, h)
	if belongs = LaneOf(parked); belongs != lane && !cfg.HasEnv(parked.Env()) {
		belongs = LaneOf(dpath.FromContext(under)) // else work of an environment that is gone stays where it is
	}
	own, refusal := p.Admits(cfg, parked)
	switch {
	case refusal == dpath.ErrShadowLost:
		belongs = ""
	case belongs == lane && refusal == nil:
		l.count(cfg, own, parked.Env())
		return under, lane, true
	}
	p.Metrics.GuardReject(p.App, own)
	return ctx, belongs, false
}

// Tick is the pause between two looks at the configuration and two heartbeats:
// a fifth of the silence, at most a second.
func (l *Lanes) Tick() time.Duration { return min(l.silence/5, time.Second) }

// Run keeps take running for each known lane this process takes, until ctx
// ends or beat fails. At every tick it calls beat, for heartbeats and for
// lanes to discover. take works until stop is closed, then finishes what it
// has in hand; if it returns before, it is started again.
func (l *Lanes) Run(ctx context.Context, beat func(context.Context) error, take func(ctx context.Context, lane string, stop <-chan struct{})) error {
	taking := map[string]*taking{}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer func() {
		for _, t := range taking {
			t.stop()
		}
	}()
	tick := time.NewTicker(l.Tick())
	defer tick.Stop()
	for {
		if err := beat(ctx); err != nil {
			return err
		}
		for _, lane := range l.Known() {
			t := taking[lane]
			switch takes := l.Takes(lane); {
			case t != nil && t.over():
				delete(taking, lane)
			case t == nil && takes:
				t = newTaking()
				taking[lane] = t
				wg.Go(func() {
					defer close(t.done)
					take(ctx, lane, t.stopped)
				})
			case t != nil && !takes:
				t.stop()
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// taking is one lane being taken from.
type taking struct {
	once          sync.Once
	stopped, done chan struct{}
}

func newTaking() *taking {
	return &taking{stopped: make(chan struct{}), done: make(chan struct{})}
}

func (t *taking) stop() { t.once.Do(func() { close(t.stopped) }) }

func (t *taking) over() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}
