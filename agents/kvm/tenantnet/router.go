package tenantnet

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
)

// A router is a namespace with a leg into the namespace of each network that it joins, beside that one's gateway. So no
// guest learns anything: its gateway knows the way to the other networks. A leg has addresses of its own, link-local ones
// that no network may have.

// routerRecord is what survives a restart of the agent.
type routerRecord struct {
	Router provider.Router `json:"router"`
	Legs   map[string]int  `json:"legs"` // number of a network's leg, which it keeps while others come and go
	// Parting are networks that were taken out, and may still have a leg.
	Parting []string `json:"parting,omitempty"`
}

// maxLegs is how many networks one router joins at most.
const maxLegs = 16

func (m *Manager) routerPath(id string) string { return filepath.Join(m.routerDir, id+".json") }

func (m *Manager) loadRouter(id string) (routerRecord, error) {
	var r routerRecord
	if checkID(id) != nil {
		return r, provider.Errorf(provider.ReasonNotFound, "", "there is no router %q", id)
	}
	absent := provider.Errorf(provider.ReasonNotFound, "", "router %s is not on host %s", id, m.host)
	err := readRecord(m.routerPath(id), "router record", &r, absent)
	return r, err
}

func (m *Manager) saveRouter(r routerRecord) error {
	return writeRecord(m.routerPath(r.Router.ID), "router record", r)
}

// routers are the records of all routers.
func (m *Manager) routers() ([]routerRecord, error) {
	ids, err := recordIDs(m.routerDir, "routers")
	if err != nil {
		return nil, err
	}
	var all []routerRecord
	for _, id := range ids {
		r, err := m.loadRouter(id)
		if provider.IsNotFound(err) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// routerOf is the router that joins a network; ok is false without one.
func (m *Manager) routerOf(network string) (r routerRecord, ok bool, err error) {
	all, err := m.routers()
	if err != nil {
		return r, false, err
	}
	for _, r := range all {
		if _, joined := r.Legs[network]; joined {
			return r, true, nil
		}
	}
	return r, false, nil
}

// Join makes the router join exactly the wanted networks. NotFound without one of them; Conflict when another router has
// one, or CIDRs overlap.
func (m *Manager) Join(ctx context.Context, want provider.Router) (provider.RouterState, error) {
	st := provider.RouterState{ID: want.ID, Host: m.host}
	if err := checkID(want.ID); err != nil {
		return st, err
	}
	unlock, err := m.locks.Lock(ctx, "router/"+want.ID)
	if err != nil {
		return provider.RouterState{}, err
	}
	defer unlock()
	r, err := m.claimRouter(want)
	if err != nil {
		return st, err
	}
	if err := m.applyRouter(ctx, r); err != nil {
		return st, err
	}
	return m.Joined(want.ID)
}

// claimRouter writes the wanted router down, keeping the numbers of legs that stay.
func (m *Manager) claimRouter(want provider.Router) (routerRecord, error) {
	m.slotMu.Lock()
	defer m.slotMu.Unlock()
	r, err := m.loadRouter(want.ID)
	if err != nil && !provider.IsNotFound(err) {
		return r, err
	}
	if err := m.joinable(want); err != nil {
		return r, err
	}
	legs, taken := map[string]int{}, [maxLegs]bool{}
	for n, i := range r.Legs {
		if slices.Contains(want.Networks, n) {
			legs[n], taken[i] = i, true
		} else {
			r.Parting = append(r.Parting, n)
		}
	}
	for _, n := range want.Networks {
		if _, kept := legs[n]; kept {
			continue
		}
		i := slices.Index(taken[:], false)
		legs[n], taken[i] = i, true
	}
	r.Router, r.Legs = want, legs
	r.Parting = slices.DeleteFunc(r.Parting, func(n string) bool { _, back := legs[n]; return back })
	return r, m.saveRouter(r)
}

// joinable refuses networks that are not there, are another router's, or would not be told apart.
func (m *Manager) joinable(want provider.Router) error {
	if len(want.Networks) > maxLegs {
		return invalid("join fewer, or make a second router for others", "router %s has more than %d networks", want.ID, maxLegs)
	}
	all, err := m.routers()
	if err != nil {
		return err
	}
	cidrs := map[string]netip.Prefix{}
	for _, n := range want.Networks {
		rec, err := m.load(n)
		if err != nil {
			return err
		}
		cidr := netip.MustParsePrefix(rec.Net.CIDR)
		if cidr.Overlaps(legPool) {
			return invalid("use another range, such as 10.20.0.0/24", "network %s has %s, which routers use between networks", n, cidr)
		}
		for other, c := range cidrs {
			if c.Overlaps(cidr) {
				return provider.Errorf(provider.ReasonConflict, "join networks with ranges of their own", "networks %s and %s overlap: %s and %s", other, n, c, cidr)
			}
		}
		cidrs[n] = cidr
		for _, r := range all {
			if _, taken := r.Legs[n]; taken && r.Router.ID != want.ID {
				return provider.Errorf(provider.ReasonConflict, "take it out of that router first", "network %s is in router %s", n, r.Router.ID)
			}
		}
	}
	return nil
}

func (m *Manager) applyRouter(ctx context.Context, r routerRecord) error {
	if err := wireRouter(ctx, r.Router.ID); err != nil {
		return err
	}
	for _, n := range r.Parting {
		if err := m.rewire(ctx, n); err != nil && !provider.IsNotFound(err) {
			return err
		}
	}
	for n := range r.Legs {
		if err := m.rewire(ctx, n); err != nil {
			return err
		}
	}
	if err := forgetLegs(r); err != nil {
		return err
	}
	r.Parting = nil
	return m.saveRouter(r)
}

// rewire brings a network's own namespace to what routers are recorded.
func (m *Manager) rewire(ctx context.Context, network string) error {
	unlock, err := m.locks.Lock(ctx, network)
	if err != nil {
		return err
	}
	defer unlock()
	rec, err := m.load(network)
	if err != nil {
		return err
	}
	return m.wire(ctx, rec)
}

// Joined reports a router with the networks that have their leg.
func (m *Manager) Joined(id string) (provider.RouterState, error) {
	r, err := m.loadRouter(id)
	if err != nil {
		return provider.RouterState{}, err
	}
	return m.observeRouter(r), nil
}

func (m *Manager) observeRouter(r routerRecord) provider.RouterState {
	st := provider.RouterState{ID: r.Router.ID, Host: m.host, Networks: []string{}}
	has := legsOf(r.Router.ID)
	for n := range r.Legs {
		if slices.Contains(has, legName(n)) {
			st.Networks = append(st.Networks, n)
		}
	}
	slices.Sort(st.Networks)
	return st
}

// AllJoined reports every router of the host.
func (m *Manager) AllJoined() ([]provider.RouterState, error) {
	all, err := m.routers()
	if err != nil {
		return nil, err
	}
	states := make([]provider.RouterState, 0, len(all))
	for _, r := range all {
		states = append(states, m.observeRouter(r))
	}
	return states, nil
}

// Part removes a router; its networks are on their own again.
func (m *Manager) Part(ctx context.Context, id string) error {
	if checkID(id) != nil {
		return nil
	}
	unlock, err := m.locks.Lock(ctx, "router/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	r, err := m.loadRouter(id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for n := range r.Legs {
		r.Parting = append(r.Parting, n)
	}
	r.Legs = map[string]int{} // kept before anything is taken down, so that nobody puts it up again
	if err := m.saveRouter(r); err != nil {
		return err
	}
	for _, n := range r.Parting {
		if err := m.rewire(ctx, n); err != nil && !provider.IsNotFound(err) {
			return err
		}
	}
	if err := deleteNamespace(RouterName(id)); err != nil {
		return err
	}
	if err := os.Remove(m.routerPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return provider.Errorf(provider.ReasonInternal, "", "remove router record: %w", err)
	}
	return nil
}

// restoreRouters brings routers back that are not whole; their networks come first.
func (m *Manager) restoreRouters(ctx context.Context) error {
	all, err := m.routers()
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range all {
		if len(r.Parting) > 0 || len(m.observeRouter(r).Networks) < len(r.Legs) {
			failed = append(failed, m.restoreRouter(ctx, r.Router.ID))
		}
	}
	return errors.Join(failed...)
}

func (m *Manager) restoreRouter(ctx context.Context, id string) error {
	unlock, err := m.locks.Lock(ctx, "router/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	r, err := m.loadRouter(id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err == nil && len(r.Legs) > 0 { // without any it is being deleted, and the next Delete ends that
		err = m.applyRouter(ctx, r)
	}
	return err
}
