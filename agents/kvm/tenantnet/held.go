package tenantnet

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (m *Manager) heldPath(id string) string { return filepath.Join(m.heldDir, id+".json") }

// Hold writes down that an address of the host's outside is held. Invalid without an address, as a host chooses none;
// Conflict when another object holds it or the host itself has it.
func (m *Manager) Hold(want provider.FloatingIP) (provider.FloatingIPState, error) {
	st := provider.FloatingIPState{ID: want.ID, Host: m.host, Address: want.Address}
	if err := checkID(want.ID); err != nil {
		return st, err
	}
	a, err := netip.ParseAddr(want.Address)
	if err != nil || !a.Is4() || a.IsLoopback() || a.IsUnspecified() || a.IsMulticast() || uplinkPool.Contains(a) {
		return st, invalid("one of the host's floating CIDRs; a host chooses none by itself", "floating address %q", want.Address)
	}
	m.slotMu.Lock()
	defer m.slotMu.Unlock()
	all, err := m.AllHeld()
	if err != nil {
		return st, err
	}
	for _, h := range all {
		switch {
		case h.ID == want.ID && h.Address == want.Address:
			return h, nil
		case h.ID == want.ID:
			return st, provider.Errorf(provider.ReasonConflict, "a held address stays the same", "%s holds %s, not %s", h.ID, h.Address, want.Address)
		case h.Address == want.Address:
			return st, provider.Errorf(provider.ReasonConflict, "choose another address", "%s is held by %s", want.Address, h.ID)
		}
	}
	own, err := netlink.AddrList(nil, netlink.FAMILY_V4)
	if err != nil {
		return st, linkError("list addresses", err)
	}
	for _, o := range own {
		if o.IP.String() == want.Address {
			return st, provider.Errorf(provider.ReasonConflict, "take it out of the host's floating CIDRs", "%s is the host's own address", want.Address)
		}
	}
	return st, writeRecord(m.heldPath(want.ID), "held address", st)
}

// Held reports one held address.
func (m *Manager) Held(id string) (provider.FloatingIPState, error) {
	var st provider.FloatingIPState
	if checkID(id) != nil {
		return st, provider.Errorf(provider.ReasonNotFound, "", "no address is held by %q", id)
	}
	absent := provider.Errorf(provider.ReasonNotFound, "", "no address is held by %s on host %s", id, m.host)
	err := readRecord(m.heldPath(id), "held address", &st, absent)
	return st, err
}

// Release gives an address back; Conflict while a network leads it to a guest.
func (m *Manager) Release(id string) error {
	st, err := m.Held(id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	led, err := m.leads(st.Address)
	if err != nil {
		return err
	}
	if led {
		return provider.Errorf(provider.ReasonConflict, "lead it nowhere first", "%s leads to a guest", st.Address)
	}
	if err := os.Remove(m.heldPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return provider.Errorf(provider.ReasonInternal, "", "give address back: %w", err)
	}
	return nil
}

// AllHeld reports every held address.
func (m *Manager) AllHeld() ([]provider.FloatingIPState, error) {
	ids, err := recordIDs(m.heldDir, "held addresses")
	if err != nil {
		return nil, err
	}
	var all []provider.FloatingIPState
	for _, id := range ids {
		st, err := m.Held(id)
		if provider.IsNotFound(err) {
			continue // given back meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, st)
	}
	return all, nil
}
