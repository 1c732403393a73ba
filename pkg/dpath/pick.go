package dpath

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
		d.add(p.all, 0)
		return d.decide("", Off, Off, ErrNoPublicNode)
	}
	if env == "" || !cfg.envs[env] {
		d.add(p.public, 0)
		return d.decide("", Common, CommonEmpty, ErrNoPublicNode)
	}
	l := p.lanes[env]
	if l == nil || !l.declared {
		d.add(p.public, 0)
		return d.decide(env, Shared, Shared, ErrNoPublicNode)
	}
	return l.pick(p, &d)
}

// pick follows the lane's policy for a labelled call.
func (l *lane) pick(p *appPlan, d *draw) (Decision, error) {
	limit := 0
	if l.policy == PolicySpill {
		limit = l.spillAt
	}
	if l.serving {
		d.add(l.nodes, limit)
	}
	usable := d.usable
	switch l.policy {
	case PolicyStrict:
		return d.decide(l.env, Dedicated, StrictFail, ErrLaneUnavailable)
	case PolicySpill:
		if d.found > 0 {
			return d.decide(l.env, Dedicated, Dedicated, nil)
		}
		return l.spill(p, d, usable)
	default:
		if d.found > 0 && usable >= l.min {
			return d.decide(l.env, Dedicated, Dedicated, nil)
		}
		d.add(p.public, 0)
		return d.decide(l.env, Failover, Failover, ErrNoPublicNode)
	}
}

// spill places a call for which no usable dedicated node has room. A public node
// takes it while it has less than spillAt under way itself, so that common calls
// bear no more than that; else the call waits in its own lane.
func (l *lane) spill(p *appPlan, d *draw, usable int) (Decision, error) {
	if usable == 0 {
		d.add(p.public, 0)
		return d.decide(l.env, Failover, Failover, ErrNoPublicNode)
	}
	label := Spill
	d.add(p.public, l.spillAt)
	if d.found == 0 {
		d.add(l.nodes, 0)
		label = Dedicated
	}
	if d.found == 0 { // a further attempt, after all of the lane
		d.add(p.public, 0)
		label = Spill
	}
	return d.decide(l.env, label, label, ErrNoPublicNode)
}

// draw samples two usable nodes uniformly in one pass, so that health may
// change meanwhile and nothing is allocated.
type draw struct {
	health Health
	tried  []string
	state  uint64
	usable int    // usable nodes seen, tried or not
	found  uint64 // candidates: usable, not tried, below the limit
	a, b   *Node
}

// next is a splitmix64 step: one number from the caller seeds a whole pass.
func (d *draw) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *draw) add(nodes []*Node, limit int) {
	for _, n := range nodes {
		if !d.health.Usable(n) {
			continue
		}
		d.usable++
		if d.wasTried(n.ID) || limit > 0 && d.health.InFlight(n) >= limit {
			continue
		}
		d.found++
		switch r := d.next() % d.found; {
		case d.found == 1:
			d.a = n
		case d.found == 2:
			d.b = n
		case r == 0:
			d.a = n
		case r == 1:
			d.b = n
		}
	}
}

func (d *draw) wasTried(id string) bool {
	for _, t := range d.tried {
		if t == id {
			return true
		}
	}
	return false
}

// decide takes the less busy of the two sampled nodes.
func (d *draw) decide(env, label, empty string, err error) (Decision, error) {
	n := d.a
	if n == nil {
		return Decision{Env: env, Label: empty}, err
	}
	if d.b != nil {
		x, y := d.health.InFlight(d.a), d.health.InFlight(d.b)
		if y < x || y == x && d.next()&1 == 0 {
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
