package dpath

import (
	"math/bits"
	"slices"
)

// Pool is a set of nodes of an app.
type Pool uint8

// Pools a call can be sent to.
const (
	PoolNone Pool = iota
	PoolPublic
	PoolDedicated
	PoolAll // every node: dedicated sets are switched off
)

var poolNames = [...]string{"none", "public", "dedicated", "all"}

// String gives the pool's name as used in metrics and trails.
func (p Pool) String() string { return poolNames[p] }

// Label values of a [Decision], as used in metrics and trails.
const (
	Off         = "off"          // dedicated sets are switched off
	Common      = "common"       // no environment, public node
	CommonEmpty = "common_empty" // no environment and no public node
	Shared      = "shared"       // environment without dedicated nodes of this app
	Dedicated   = "dedicated"    // node of the environment
	Failover    = "failover"     // too few dedicated nodes are usable
	StrictFail  = "strict_fail"  // strict environment without usable node
	Spill       = "spill"        // every dedicated node is at spillAt
	Retry       = "retry"        // a further attempt, by the same rules
)

// Decision says where a call goes and why.
type Decision struct {
	Node  *Node
	Pool  Pool
	Env   string // environment in force for this call; empty for common
	Label string // one of the label values above
}

// Health is what Pick knows of nodes. Implementations must be safe for
// concurrent use and keep the last known state when no news arrives.
type Health interface {
	// Usable tells whether calls may be sent to the node.
	Usable(n *Node) bool
	// InFlight counts the calls now being served by the node for this caller.
	InFlight(n *Node) int
}

// Source gives random numbers.
type Source interface {
	Uint64() uint64
}

// Pick chooses the node of app for a call in env ("" for a common call). It is
// pure, allocates nothing and never panics on a valid Config. tried lists the
// ids of nodes of earlier attempts of the same call. The error is one of
// [ErrNoPublicNode], [ErrLaneUnavailable] and [ErrUnknownApp]; the decision
// then still carries the label.
func Pick(cfg *Config, env, app string, health Health, tried []string, rnd Source) (Decision, error) {
	p := cfg.apps[app]
	if p == nil {
		return Decision{}, ErrUnknownApp
	}
	d := draw{health: health, tried: tried, state: rnd.Uint64()}
	if !cfg.enable {
		d.from(nodeSet{own: p.all}, 0)
		return d.decide("", Off, Off, ErrNoPublicNode)
	}
	public := nodeSet{public: p.public}
	if env == "" || !cfg.envs[env] {
		d.from(public, 0)
		return d.decide("", Common, CommonEmpty, ErrNoPublicNode)
	}
	l := p.lanes[env]
	if l == nil || !l.declared {
		d.from(public, 0)
		return d.decide(env, Shared, Shared, ErrNoPublicNode)
	}
	return l.pick(public, &d)
}

// pick follows the lane's policy for a labelled call.
func (l *lane) pick(public nodeSet, d *draw) (Decision, error) {
	var own nodeSet
	if l.serving {
		own.own = l.nodes
	}
	switch l.policy {
	case PolicyStrict:
		d.from(own, 0)
		return d.decide(l.env, Dedicated, StrictFail, ErrLaneUnavailable)
	case PolicySpill:
		return l.spill(own, public, d)
	default:
		if d.usable(own.own, l.min) && d.from(own, 0) {
			return d.decide(l.env, Dedicated, Dedicated, nil)
		}
		d.from(nodeSet{own.own, public.public}, 0)
		return d.decide(l.env, Failover, Failover, ErrNoPublicNode)
	}
}

// spill gives a call to a dedicated node with room. Where none has, a public node
// takes it while it has less than spillAt under way itself, so that common calls
// bear no more than that; else the call waits in its own lane.
func (l *lane) spill(own, public nodeSet, d *draw) (Decision, error) {
	label := Dedicated
	switch {
	case d.from(own, l.spillAt):
	case !d.usable(own.own, 1):
		label = Failover
		d.from(public, 0)
	case d.from(public, l.spillAt):
		label = Spill
	case d.from(own, 0):
	default: // a further attempt, after all of the lane
		label = Spill
		d.from(public, 0)
	}
	return d.decide(l.env, label, label, ErrNoPublicNode)
}

// nodeSet is a lane's own nodes and public ones, as one set.
type nodeSet struct{ own, public []*Node }

func (s nodeSet) len() int { return len(s.own) + len(s.public) }

func (s nodeSet) at(i int) *Node {
	if i < len(s.own) {
		return s.own[i]
	}
	return s.public[i-len(s.own)]
}

// draw samples two nodes uniformly among those that may be taken, so that
// nothing is allocated and health may change meanwhile.
type draw struct {
	health Health
	tried  []string
	state  uint64
	a, b   *Node
}

// guesses is how many nodes of a set are looked at by chance before all are: in
// large sets two that can be taken are found long before.
const guesses = 6

// from samples two nodes of a set which are usable, not tried and have less than
// limit calls under way, where that is not 0. It tells whether there is one.
func (d *draw) from(s nodeSet, limit int) bool {
	n := s.len()
	if n <= guesses/2 || !d.guess(s, n, limit) {
		d.scan(s, n, limit)
	}
	return d.a != nil
}

// guess looks for two nodes by chance, and tells whether it found them.
func (d *draw) guess(s nodeSet, n, limit int) bool {
	d.a, d.b = nil, nil
	for range guesses {
		c := s.at(d.below(n))
		switch {
		case c == d.a || !d.fits(c, limit):
		case d.a == nil:
			d.a = c
		default:
			d.b = c
			return true
		}
	}
	return false
}

// scan looks at every node once and keeps two of those that fit.
func (d *draw) scan(s nodeSet, n, limit int) {
	d.a, d.b = nil, nil
	found := 0
	for i := range n {
		c := s.at(i)
		if !d.fits(c, limit) {
			continue
		}
		found++
		switch r := d.below(found); {
		case found == 1:
			d.a = c
		case found == 2:
			d.b = c
		case r == 0:
			d.a = c
		case r == 1:
			d.b = c
		}
	}
}

func (d *draw) fits(n *Node, limit int) bool {
	return d.health.Usable(n) && !slices.Contains(d.tried, n.ID) && (limit == 0 || d.health.InFlight(n) < limit)
}

// usable tells whether at least so many nodes are usable, tried or not.
func (d *draw) usable(nodes []*Node, least int) bool {
	for _, n := range nodes {
		if least <= 0 {
			break
		}
		if d.health.Usable(n) {
			least--
		}
	}
	return least <= 0
}

// below gives a number from 0 to n-1 by a splitmix64 step: one number from the
// caller seeds a whole choice.
func (d *draw) below(n int) int {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	hi, _ := bits.Mul64(z^z>>31, uint64(n)) //nolint:gosec // a length
	return int(hi)                          //nolint:gosec // less than n
}

// decide takes the less busy of the two sampled nodes.
func (d *draw) decide(env, label, empty string, err error) (Decision, error) {
	n := d.a
	if n == nil {
		return Decision{Env: env, Label: empty}, err
	}
	if d.b != nil {
		x, y := d.health.InFlight(d.a), d.health.InFlight(d.b)
		if y < x || y == x && d.below(2) == 0 {
			n = d.b
		}
	}
	pool := n.Pool()
	if label == Off {
		pool = PoolAll
	}
	if len(d.tried) > 0 {
		label = Retry
	}
	return Decision{Node: n, Pool: pool, Env: env, Label: label}, nil
}
