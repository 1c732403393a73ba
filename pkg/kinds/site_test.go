package kinds_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/provider"
)

// site is a driver in memory that can be made to fail at any call, before or after the call took effect. What a real
// backend does is proved elsewhere, by the conformance suite against libvirt.
type site struct {
	provider.Driver // calls that no kind makes

	mu       sync.Mutex
	hosts    map[string]provider.HostState
	seen     map[string]time.Time
	servers  map[[2]string]provider.ServerState // by host and id
	wanted   map[string]provider.Server
	volumes  map[[2]string]provider.VolumeState
	kept     map[[2]string]provider.SnapshotState
	backups  map[[2]string]provider.BackupState
	asked    map[string]provider.Volume // what was last wanted of a volume
	keyed    map[string][2]provider.Key // of snapshots and backups: theirs, and their volume's
	networks map[[2]string]provider.Net
	images   map[[2]string]string // host, id → SHA-256
	calls    []string
	fail     func(n int, method, phase string) error
	slow     func(method string) // how long a call takes, while others go on
	port     int
	floating map[string]provider.FloatingIPState
	routers  map[[2]string]provider.RouterState
	anywhere bool              // places that are not hosts answer, too: regions
	consoles map[string]string // what guests say
	stats    map[string]provider.ServerStats
	foreign  map[string]provider.Found // what others made, by the id they have there
}

func newSite() *site {
	return &site{hosts: map[string]provider.HostState{}, seen: map[string]time.Time{}, servers: map[[2]string]provider.ServerState{}, wanted: map[string]provider.Server{},
		volumes: map[[2]string]provider.VolumeState{}, kept: map[[2]string]provider.SnapshotState{}, backups: map[[2]string]provider.BackupState{}, asked: map[string]provider.Volume{}, keyed: map[string][2]provider.Key{},
		networks: map[[2]string]provider.Net{}, images: map[[2]string]string{}, port: 20000}
}

// call counts a call and makes f's effect happen unless a fault forbids it.
func (s *site) call(method, host string, f func() error) error {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	if slow != nil {
		slow(method)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method)
	n := len(s.calls)
	if _, up := s.hosts[host]; !up && !s.anywhere {
		return provider.Errorf(provider.ReasonUnavailable, "", "the agent of host %s does not answer", host)
	}
	if s.fail != nil {
		if err := s.fail(n, method, "before"); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	if s.fail != nil {
		return s.fail(n, method, "after")
	}
	return nil
}

func (s *site) vitals(host string) (provider.HostState, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.hosts[host]
	if !ok {
		return h, s.seen[host]
	}
	if at, frozen := s.seen[host]; frozen {
		return h, at
	}
	return h, time.Now()
}

func (s *site) with(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *site) setFault(f func(n int, method, phase string) error) {
	s.with(func() { s.fail, s.calls = f, nil })
}

func (s *site) EnsureServer(_ context.Context, host string, want provider.Server) (out provider.ServerState, err error) {
	err = s.call("EnsureServer:"+want.Name, host, func() error {
		if _, ok := s.images[[2]string{host, want.Disks[0].Image}]; !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "image %s is not on host %s", want.Disks[0].Image, host)
		}
		for _, d := range want.Disks {
			if _, ok := s.volumes[[2]string{host, d.Volume}]; d.Volume != "" && !ok {
				return provider.Errorf(provider.ReasonNotFound, "", "volume %s is not on host %s", d.Volume, host)
			}
		}
		key := [2]string{host, want.ID}
		st, there := s.servers[key]
		found := st.Power
		if !there {
			found = provider.PowerGone
		}
		if found != want.Power {
			st.Since = time.Now()
		}
		st.ID, st.Host, st.Power, st.VCPUs, st.MemoryMiB, st.Accel, st.Digest = want.ID, host, want.Power, want.VCPUs, want.MemoryMiB, "tcg", want.HardwareDigest()
		s.servers[key], s.wanted[want.ID], out = st, want, st
		if found != want.Power {
			out.Found = found
		}
		return nil
	})
	return out, err
}

func (s *site) GetServer(_ context.Context, host, id string) (out provider.ServerState, err error) {
	err = s.call("GetServer", host, func() error {
		st, ok := s.servers[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no domain %s", id)
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) ActOnServer(_ context.Context, host, id string, verb provider.PowerVerb) (out provider.ServerState, err error) {
	err = s.call("ActOnServer:"+string(verb), host, func() error {
		out = s.servers[[2]string{host, id}]
		return nil
	})
	return out, err
}

func (s *site) DeleteServer(_ context.Context, host, id string) error {
	return s.call("DeleteServer", host, func() error { delete(s.servers, [2]string{host, id}); return nil })
}

func (s *site) snapshots(host, id string, change func([]string) []string) func() error {
	return func() error {
		st, ok := s.servers[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no domain %s", id)
		}
		st.Snapshots = change(slices.Clone(st.Snapshots))
		s.servers[[2]string{host, id}] = st
		return nil
	}
}

func (s *site) SnapshotServer(_ context.Context, host, id, name string) error {
	return s.call("SnapshotServer", host, s.snapshots(host, id, func(have []string) []string { return append(have, name) }))
}

func (s *site) DeleteServerSnapshot(_ context.Context, host, id, name string) error {
	return s.call("DeleteServerSnapshot", host, s.snapshots(host, id, func(have []string) []string {
		return slices.DeleteFunc(have, func(n string) bool { return n == name })
	}))
}

func (s *site) RevertServer(_ context.Context, host, id, name string) error {
	return s.call("RevertServer:"+name, host, func() error { return nil })
}

func (s *site) EnsureVolume(_ context.Context, host string, want provider.Volume) (out provider.VolumeState, err error) {
	err = s.call("EnsureVolume", host, func() error {
		out = provider.VolumeState{ID: want.ID, Host: host, SizeGiB: max(want.SizeGiB, s.volumes[[2]string{host, want.ID}].SizeGiB), Encrypted: want.Encrypted}
		s.volumes[[2]string{host, want.ID}] = out
		s.asked[want.ID] = want
		return nil
	})
	return out, err
}

func (s *site) DeleteVolume(_ context.Context, host, id string) error {
	return s.call("DeleteVolume", host, func() error { delete(s.volumes, [2]string{host, id}); return nil })
}

// EnsureImage refuses a file whose digest in its URL is not the one that is asked for, as an agent does after the download.
func (s *site) EnsureImage(_ context.Context, host string, want provider.Image) (out provider.ImageState, err error) {
	err = s.call("EnsureImage", host, func() error {
		if want.Disk.URL != "file:///images/"+want.Disk.SHA256 && want.Disk.URL != imagestore.URL(want.ID) {
			return provider.Errorf(provider.ReasonInvalid, "publish the image anew", "%s does not have the SHA-256 %s", want.Disk.URL, want.Disk.SHA256)
		}
		s.images[[2]string{host, want.ID}] = want.Disk.SHA256
		out = provider.ImageState{ID: want.ID, Host: host}
		return nil
	})
	return out, err
}

func (s *site) DeleteImage(_ context.Context, host, id string) error {
	return s.call("DeleteImage", host, func() error { delete(s.images, [2]string{host, id}); return nil })
}

// EnsureNetwork keeps the port it chose for what was published before.
func (s *site) EnsureNetwork(_ context.Context, host string, want provider.Net) (out provider.NetState, err error) {
	err = s.call("EnsureNetwork", host, func() error {
		was := s.networks[[2]string{host, want.ID}]
		for i, p := range want.Publish {
			if p.Listen != "127.0.0.1:0" {
				continue
			}
			j := slices.IndexFunc(was.Publish, func(w provider.Publish) bool { return w.Address == p.Address && w.Port == p.Port })
			if j >= 0 {
				want.Publish[i].Listen = was.Publish[j].Listen
				continue
			}
			s.port++
			want.Publish[i].Listen = fmt.Sprintf("127.0.0.1:%d", s.port)
		}
		s.networks[[2]string{host, want.ID}] = want
		out = provider.NetState{ID: want.ID, Host: host, Bridge: "pz" + want.ID[:8], Namespace: "pz-" + want.ID[:8], DHCP: true, Publish: slices.Clone(want.Publish), Floating: slices.Clone(want.Floating)}
		return nil
	})
	return out, err
}

func (s *site) DeleteServerGroup(_ context.Context, host, id string) error {
	return s.call("DeleteServerGroup:"+id, host, func() error { return nil })
}

func (s *site) DeleteNetwork(_ context.Context, host, id string) error {
	return s.call("DeleteNetwork", host, func() error { delete(s.networks, [2]string{host, id}); return nil })
}
