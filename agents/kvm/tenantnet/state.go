package tenantnet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/provider"
)

// record is what survives a restart of the agent: the wanted network, the ports that were chosen, and its slot.
type record struct {
	Net   provider.Net       `json:"net"`
	Ports []provider.Publish `json:"ports,omitempty"`
	// Slot numbers the network on this host: the /30 of its uplink and its conntrack zone.
	Slot int `json:"slot"`
	// Dropped are floating addresses that ARP may still be answered for.
	Dropped []string `json:"dropped,omitempty"`
}

// up tells whether the network has a link to the outside.
func (r record) up() bool { return r.Net.Egress == EgressNAT || len(r.Net.Floating) > 0 }

// uplinkPool is the benchmarking range of RFC 2544: it is routed nowhere.
var uplinkPool = netip.MustParsePrefix("198.18.0.0/15")

const slots = 1 << 15

func (r record) zone() int { return r.Slot + 1 }

// uplink returns the two ends of the /30 between the root namespace and the network's.
func (r record) uplink() (root, inner netip.Addr) {
	base := uplinkPool.Addr().As4()
	n := binary.BigEndian.Uint32(base[:]) + uint32(r.Slot)*4 //nolint:gosec // Slot is below 2^15
	at := func(v uint32) netip.Addr {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], v)
		return netip.AddrFrom4(a)
	}
	return at(n + 1), at(n + 2)
}

func (m *Manager) recordPath(id string) string { return filepath.Join(m.dir, id+".json") }

func (m *Manager) load(id string) (record, error) {
	var r record
	data, err := os.ReadFile(m.recordPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return r, provider.Errorf(provider.ReasonNotFound, "", "network %s is not on host %s", id, m.host)
	}
	if err != nil {
		return r, provider.Errorf(provider.ReasonInternal, "", "read network record: %w", err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, provider.Errorf(provider.ReasonInternal, "delete the network and ensure it again", "network record %s: %w", id, err)
	}
	return r, nil
}

func (m *Manager) save(r record) error {
	return writeRecord(m.recordPath(r.Net.ID), "network record", r)
}

func (m *Manager) recorded() ([]string, error) {
	return recordIDs(m.dir, "networks")
}

// claim writes the wanted network down, keeping the slot and the ports of an earlier try. It holds the manager's
// lock, for two networks must not take one slot.
func (m *Manager) claim(want provider.Net) (record, error) {
	m.slotMu.Lock()
	defer m.slotMu.Unlock()
	r, err := m.load(want.ID)
	fresh := provider.IsNotFound(err)
	if err != nil && !fresh {
		return r, err
	}
	if fresh {
		if r.Slot, err = m.freeSlot(want.ID); err != nil {
			return r, err
		}
	}
	r.Dropped = append(r.Dropped, dropped(r.Net.Floating, want.Floating)...)
	r.Net = want
	return r, m.save(r)
}

func (m *Manager) freeSlot(id string) (int, error) {
	used, err := m.usedSlots()
	if err != nil {
		return 0, err
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	// Start anywhere: two agents of one machine then seldom meet, and the root addresses settle the rest.
	for i, n := 0, int(h.Sum32()%slots); i < slots; i, n = i+1, (n+1)%slots {
		if !used[n] {
			return n, nil
		}
	}
	return 0, provider.Errorf(provider.ReasonNoSpace, "delete networks that are no longer used", "all %d network slots of the host are taken", slots)
}

func (m *Manager) usedSlots() (map[int]bool, error) {
	used := map[int]bool{}
	ids, err := m.recorded()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if r, err := m.load(id); err == nil {
			used[r.Slot] = true
		}
	}
	addrs, err := netlink.AddrList(nil, netlink.FAMILY_V4)
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "", "list addresses: %w", err)
	}
	for _, a := range addrs {
		ip, _ := netip.AddrFromSlice(a.IP.To4())
		if uplinkPool.Contains(ip) {
			b, base := ip.As4(), uplinkPool.Addr().As4()
			used[(int(b[1]-base[1])<<16|int(b[2])<<8|int(b[3]))/4] = true
		}
	}
	return used, nil
}

func writeAtomic(path string, data []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err = tmp.Write(data); err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
