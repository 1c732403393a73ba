package resource

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Warrant is somebody's word for a change that its actor may not make alone. What By may do is allowed; limits that By
// may set are raised by what is missing, in the change's own transaction, so that a change that fails raises nothing.
type Warrant struct {
	By   Actor
	Note string // what the word was given for; the audit of the change and of each limit carries it
}

// Raise is a limit that does not allow a change. It tells no more than the refusal does: how much others use of a node
// above is theirs to know.
type Raise struct {
	Node    string `json:"node" doc:"Id"`
	Metric  string `json:"metric"`
	Missing int64  `json:"missing" doc:"What is asked for beyond what is left"`
}

// permit authorises a request: its actor, or else whoever gave a word for it. Who does not see the project is not helped.
func (s *Store) permit(ctx context.Context, req *Request, verb, kind, project string) error {
	err := s.admit(ctx, &req.Actor, verb, kind, project)
	if req.Warrant == nil || ReasonOf(err) != ReasonForbidden {
		return err
	}
	by := req.Warrant.By
	if err := s.admit(ctx, &by, verb, kind, project); err != nil {
		return err
	}
	req.Actor.Granted = by.Granted + " of " + by.Name
	return nil
}

// MayLimit tells whether an actor may set limits of a node, as SetQuota asks.
func (s *Store) MayLimit(ctx context.Context, actor Actor, node string) error {
	return s.authorizeLimit(ctx, &actor, node)
}

// warranty is a warrant as far as it goes for limits: who gave it, with the grant, by the nodes that limits may be raised of.
type warranty struct {
	note  string
	nodes map[string]Actor
}

func (s *Store) warranty(ctx context.Context, w *Warrant, project string) (*warranty, error) {
	if w == nil {
		return nil, nil
	}
	out := &warranty{note: w.Note, nodes: map[string]Actor{}}
	above, err := s.tree.Above(ctx, s.db.Read, project)
	if err != nil {
		return nil, err
	}
	for _, node := range append([]string{project}, above[project]...) {
		by := w.By
		switch err := s.authorizeLimit(ctx, &by, node); ReasonOf(err) {
		case "":
			out.nodes[node] = by
		case ReasonForbidden, ReasonNotFound:
		default:
			return nil, err
		}
	}
	return out, nil
}

func (w *warranty) covers(node string) bool {
	if w == nil {
		return false
	}
	_, ok := w.nodes[node]
	return ok
}

// raise lifts what is too tight for a change as far as its warrant goes, from the top down: a strict limit comes before
// the ones that have to fit into it.
func (s *Store) raise(ctx context.Context, tx bun.Tx, c *change) error {
	if c.warranty == nil || len(c.warranty.nodes) == 0 {
		return nil
	}
	if err := s.holdQuota(ctx, tx); err != nil {
		return err
	}
	tight, err := s.tight(ctx, tx, c)
	if err != nil {
		return err
	}
	slices.Reverse(tight)
	for _, t := range tight {
		by, ok := c.warranty.nodes[t.usage.Node]
		if !ok {
			continue // writing the quota refuses it
		}
		u := t.usage
		l := Limit{Hard: u.used() + t.more, Soft: u.Soft, Strict: u.Strict}
		if err := s.writeLimit(ctx, tx, u.Node, u.Metric, l); err != nil {
			return err
		}
		m := Meta{ID: NewID(), Kind: "quota", Project: u.Node, Name: u.Metric}
		note := fmt.Sprintf("%s; %s", l.note(u.Metric), c.warranty.note)
		if err := insertAll(ctx, tx, []*Audit{s.audit(by, "quota.set", m, "", nil, nil, note)}); err != nil {
			return err
		}
	}
	return nil
}

// shortage is a limit that does not allow so much more.
type shortage struct {
	usage QuotaUsage
	more  int64
}

// tight lists the limits that do not allow a change, by metric from the project up.
func (s *Store) tight(ctx context.Context, db bun.IDB, c *change) ([]shortage, error) {
	deltas, err := s.deltas(ctx, db, c)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, d := range deltas {
		own = append(own, d.node)
	}
	above, err := s.tree.Above(ctx, db, own...)
	if err != nil {
		return nil, err
	}
	var out []shortage
	for _, d := range deltas {
		more := d.reserve + d.commit
		if more <= 0 {
			continue
		}
		line := append(slices.Clone(above[d.node]), d.node)
		slices.Reverse(line)
		for _, node := range line {
			u, err := quotaRow(ctx, db, node, d.metric)
			if err != nil {
				return nil, err
			}
			if u != nil && u.Hard >= 0 && u.used()+more > u.Hard {
				out = append(out, shortage{*u, more})
			}
		}
	}
	return out, nil
}

// checkQuota tells whether a change would fit, without making it, and what its warrant would raise for it.
func (s *Store) checkQuota(ctx context.Context, c *change) ([]Raise, error) {
	tight, err := s.tight(ctx, s.db.Read, c)
	if err != nil {
		return nil, err
	}
	var out []Raise
	for _, t := range tight {
		u := t.usage
		if !c.warranty.covers(u.Node) {
			return nil, s.exceeded(ctx, s.db.Read, u, t.more)
		}
		out = append(out, Raise{Node: u.Node, Metric: u.Metric, Missing: t.more - max(0, u.Hard-u.used())})
	}
	return out, nil
}
