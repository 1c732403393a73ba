package tenantnet

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/keyed"
)

// Egress of a network.
const (
	EgressNone = "none"
	EgressNAT  = "nat"
)

// Config says where a Manager keeps its files. StateDir survives a reboot; RunDir (default /run/plaza) need not, and
// must be reachable by dnsmasq's own user.
type Config struct {
	Host     string
	StateDir string
	RunDir   string
	Logger   *slog.Logger
}

// Manager makes and keeps the tenant networks of one host.
type Manager struct {
	host      string
	dir       string
	runDir    string
	heldDir   string
	routerDir string
	log       *slog.Logger

	slotMu  sync.Mutex
	proxyMu sync.Mutex
	proxies map[string]map[publishKey]*proxy
	locks   keyed.Mutex
}

// New prepares the folders. Networks of an earlier run come back with Restore.
func New(cfg Config) (*Manager, error) {
	if cfg.RunDir == "" {
		cfg.RunDir = "/run/plaza"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Manager{
		host: cfg.Host, dir: filepath.Join(cfg.StateDir, "networks"), heldDir: filepath.Join(cfg.StateDir, "addresses"), routerDir: filepath.Join(cfg.StateDir, "routers"),
		runDir: cfg.RunDir, log: cfg.Logger, proxies: map[string]map[publishKey]*proxy{},
	}
	if err := errors.Join(os.MkdirAll(m.dir, 0o700), os.MkdirAll(m.heldDir, 0o700), os.MkdirAll(m.routerDir, 0o700), os.MkdirAll(m.runDir, 0o755)); err != nil { //nolint:gosec // see RunDir
		return nil, provider.Errorf(provider.ReasonInternal, "", "network folders: %w", err)
	}
	return m, nil
}

// Close stops the published-port proxies. Bridges, namespaces and DHCP go on without the agent.
func (m *Manager) Close() {
	m.proxyMu.Lock()
	defer m.proxyMu.Unlock()
	for id, set := range m.proxies {
		for _, x := range set {
			x.close()
		}
		delete(m.proxies, id)
	}
}

// Ensure makes the network exactly as wanted: bridge, namespace, gateway, DHCP, egress, published ports.
// Reasons: Invalid for a bad description, Conflict for a listen port in use.
func (m *Manager) Ensure(ctx context.Context, want provider.Net) (provider.NetState, error) {
	if want.Egress == "" {
		want.Egress = EgressNone
	}
	if err := validate(want); err != nil {
		return provider.NetState{}, err
	}
	unlock, err := m.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.NetState{}, err
	}
	defer unlock()
	rec, err := m.claim(want)
	if err != nil {
		return provider.NetState{}, err
	}
	return m.apply(ctx, rec)
}

func (m *Manager) apply(ctx context.Context, rec record) (provider.NetState, error) {
	want := rec.Net
	if err := m.wire(ctx, rec); err != nil {
		return provider.NetState{}, err
	}
	if err := m.dhcp(want.ID).ensure(ctx, want); err != nil {
		return provider.NetState{}, err
	}
	ports, err := m.publish(rec)
	if err != nil {
		return provider.NetState{}, err
	}
	if err := m.hush(rec.Dropped); err != nil {
		return provider.NetState{}, err
	}
	rec.Ports, rec.Dropped = ports, nil
	if err := m.save(rec); err != nil {
		return provider.NetState{}, err
	}
	return m.observe(rec), nil
}

// wire makes links, addresses and rules.
func (m *Manager) wire(ctx context.Context, rec record) error {
	id := rec.Net.ID
	space := NamespaceName(id)
	if err := ensureNamespace(space); err != nil {
		return err
	}
	ns, err := netns.GetFromName(space)
	if err != nil {
		return linkError("open namespace", err)
	}
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns)
	if err != nil {
		return linkError("netlink in namespace", err)
	}
	defer h.Close()
	if err := m.wireGateway(rec, ns, h); err != nil {
		return err
	}
	if err := m.wireUplink(rec, ns, h); err != nil {
		return err
	}
	if err := m.wireLeg(rec, ns, h); err != nil {
		return err
	}
	return m.loadNetworkRules(ctx, rec)
}

func (m *Manager) wireGateway(rec record, ns netns.NsHandle, h *netlink.Handle) error {
	id := rec.Net.ID
	bridge, err := ensureBridge(BridgeName(id))
	if err != nil {
		return err
	}
	// A bridge made anew must filter at once; where the kernel cannot, Guard refuses the cards.
	_ = filterBridged(BridgeName(id))
	outer, inner, err := ensureVeth(gatewayPrefix+ShortID(id), gatewayLink, ns, h)
	if err != nil {
		return err
	}
	_ = sysctl("net/ipv6/conf/"+outer.Attrs().Name+"/disable_ipv6", "1")
	if err := netlink.LinkSetMaster(outer, bridge); err != nil {
		return linkError("plug the gateway into the bridge", err)
	}
	if err := setAddress(h, inner, gatewayPrefixOf(rec.Net)); err != nil {
		return err
	}
	lo, err := h.LinkByName("lo")
	if err != nil {
		return linkError("find lo", err)
	}
	if err := errors.Join(netlink.LinkSetUp(outer), h.LinkSetUp(inner), h.LinkSetUp(lo)); err != nil {
		return linkError("set links up", err)
	}
	return settleNeighbours(h, NamespaceName(id), inner, rec.Net.Leases)
}

func (m *Manager) wireUplink(rec record, ns netns.NsHandle, h *netlink.Handle) error {
	id := rec.Net.ID
	if !rec.up() {
		return deleteLink(uplinkPrefix + ShortID(id))
	}
	outer, inner, err := ensureVeth(uplinkPrefix+ShortID(id), uplinkLink, ns, h)
	if err != nil {
		return err
	}
	_ = sysctl("net/ipv6/conf/"+outer.Attrs().Name+"/disable_ipv6", "1")
	rootAddr, innerAddr := rec.uplink()
	root, err := netlink.NewHandle()
	if err != nil {
		return linkError("netlink", err)
	}
	defer root.Close()
	if err := errors.Join(setAddress(root, outer, prefix30(rootAddr)), setAddress(h, inner, prefix30(innerAddr))); err != nil {
		return err
	}
	if err := errors.Join(netlink.LinkSetUp(outer), h.LinkSetUp(inner)); err != nil {
		return linkError("set the uplink up", err)
	}
	route := &netlink.Route{LinkIndex: inner.Attrs().Index, Gw: rootAddr.AsSlice()}
	if err := h.RouteReplace(route); err != nil {
		return linkError("default route of the namespace", err)
	}
	forward := func() error { return sysctl("net/ipv4/ip_forward", "1") }
	if err := errors.Join(forward(), Within(NamespaceName(id), forward)); err != nil {
		return linkError("switch IP forwarding on", err)
	}
	if err := routeFloating(outer, innerAddr.AsSlice(), rec.Net.Floating); err != nil {
		return err
	}
	return answerFor(rec.Net.Floating)
}

func (m *Manager) loadNetworkRules(ctx context.Context, rec record) error {
	id := rec.Net.ID
	rootAddr, _ := rec.uplink()
	_, others, err := m.joined(id)
	if err != nil {
		return err
	}
	data := rulesetData{
		Bridge: BridgeName(id), Uplink: uplinkPrefix + ShortID(id), CIDR: rec.Net.CIDR, KeptApart: keptApart,
		UplinkCIDR: prefix30(rootAddr).Masked().String(), Zone: rec.zone(), NAT: rec.Net.Egress == EgressNAT, Up: rec.up(), Floating: rec.Net.Floating, Joined: slices.Sorted(maps.Values(others)),
	}
	if err := loadRules(ctx, render(rootTemplate, "inet", data.Bridge, data)); err != nil {
		return err
	}
	return Within(NamespaceName(id), func() error {
		return loadRules(ctx, render(innerTemplate, "inet", "plaza", data))
	})
}

// Get reports what is there of network id.
func (m *Manager) Get(_ context.Context, id string) (provider.NetState, error) {
	rec, err := m.load(id)
	if err != nil {
		return provider.NetState{}, err
	}
	return m.observe(rec), nil
}

// List reports every network of the host.
func (m *Manager) List(ctx context.Context) ([]provider.NetState, error) {
	ids, err := m.recorded()
	if err != nil {
		return nil, err
	}
	states := make([]provider.NetState, 0, len(ids))
	for _, id := range ids {
		st, err := m.Get(ctx, id)
		if provider.IsNotFound(err) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		states = append(states, st)
	}
	return states, nil
}

func (m *Manager) observe(rec record) provider.NetState {
	id := rec.Net.ID
	st := provider.NetState{ID: id, Host: m.host, DHCP: m.dhcp(id).pid() != 0, Publish: rec.Ports, Floating: rec.Net.Floating}
	if _, err := netlink.LinkByName(BridgeName(id)); err == nil {
		st.Bridge = BridgeName(id)
	}
	if namespaceMounted(NamespaceName(id)) {
		st.Namespace = NamespaceName(id)
	}
	return st
}

// Delete removes the network and leaves nothing. Conflict when a guest's card is plugged in, or a router joins it.
func (m *Manager) Delete(ctx context.Context, id string) error {
	if checkID(id) != nil {
		return nil // nothing by that name can exist
	}
	unlock, err := m.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	rec, err := m.load(id)
	if provider.IsNotFound(err) {
		return nil
	}
	plugged, err := taps(BridgeName(id))
	if err != nil {
		return err
	}
	if len(plugged) > 0 {
		return provider.Errorf(provider.ReasonConflict, "delete or detach the servers first", "network %s has %d cards plugged in", id, len(plugged))
	}
	r, joined, err := m.routerOf(id)
	if err != nil {
		return err
	}
	if joined {
		return provider.Errorf(provider.ReasonConflict, "take it out of the router first", "network %s is in router %s", id, r.Router.ID)
	}
	m.unpublish(id)
	err = errors.Join(
		m.dhcp(id).remove(),
		loadRules(ctx, fresh("inet", BridgeName(id))),
		deleteLink(gatewayPrefix+ShortID(id)), deleteLink(uplinkPrefix+ShortID(id)), deleteLink(BridgeName(id)),
		deleteNamespace(NamespaceName(id)),
	)
	if err != nil {
		return err
	}
	if err := os.Remove(m.recordPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return provider.Errorf(provider.ReasonInternal, "", "remove network record: %w", err)
	}
	return m.hush(append(rec.Dropped, dropped(rec.Net.Floating, nil)...))
}

// Restore brings every recorded network and router back, as after a reboot or a restart of the agent. It goes on after a failure.
func (m *Manager) Restore(ctx context.Context) error {
	ids, err := m.recorded()
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		failed = append(failed, m.restore(ctx, id))
	}
	return errors.Join(append(failed, m.restoreRouters(ctx))...)
}

func (m *Manager) restore(ctx context.Context, id string) error {
	unlock, err := m.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	rec, err := m.load(id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err == nil {
		_, err = m.apply(ctx, rec)
	}
	return err
}

// Run keeps bridges, DHCP and proxies alive until ctx ends; what Restore could not bring back is tried again.
func (m *Manager) Run(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			m.heal(ctx)
		}
	}
}

func (m *Manager) heal(ctx context.Context) {
	ids, err := m.recorded()
	if err != nil {
		m.log.Error("list networks", "error", err)
		return
	}
	for _, id := range ids {
		if m.healthy(id) {
			continue
		}
		if err := m.restore(ctx, id); err != nil && ctx.Err() == nil {
			m.log.Error("heal network", "network", id, "error", err)
		}
	}
	if err := m.restoreRouters(ctx); err != nil && ctx.Err() == nil {
		m.log.Error("heal routers", "error", err)
	}
}

func (m *Manager) healthy(id string) bool {
	rec, err := m.load(id)
	if err != nil {
		return true // deleted meanwhile, or unreadable: nothing to restore from
	}
	m.proxyMu.Lock()
	published := len(m.proxies[id])
	m.proxyMu.Unlock()
	st := m.observe(rec)
	return st.DHCP && st.Bridge != "" && st.Namespace != "" && published == len(rec.Net.Publish)
}
