package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/agents"
)

//go:embed lab_fakes.py
var fakeAgents string

// fakesName begins what fake hypervisors are called: hosts, units, aggregate.
const fakesName = "plaza-bench-fake"

// fakeUnit is a nova-compute whose driver only remembers what it was told; it holds 1,000 vCPUs. What it would do now and
// then for every server is switched off.
const fakeUnit = `mkdir -p /run/plaza-bench
cat >/run/plaza-bench/%[1]s.conf <<'CONF'
[DEFAULT]
host = %[1]s
compute_driver = fake.FakeDriver
log_file = /var/log/nova/%[1]s.log
max_concurrent_builds = 20
update_resources_interval = 600
heal_instance_info_cache_interval = -1
sync_power_state_interval = -1
CONF
systemctl reset-failed %[1]s 2>/dev/null || true
systemctl is-active -q %[1]s || systemd-run -q --unit %[1]s --uid nova --gid nova nova-compute --config-file /etc/nova/nova.conf --config-file /run/plaza-bench/%[1]s.conf
`

const fakeAgentUnit = `mkdir -p /run/plaza-bench
cat >/run/plaza-bench/agents.py <<'PYTHON'
%[2]s
PYTHON
systemctl reset-failed %[1]s-agents 2>/dev/null || true
systemctl is-active -q %[1]s-agents || systemd-run -q --unit %[1]s-agents --uid neutron --gid neutron python3 /run/plaza-bench/agents.py %[3]s --config-file /etc/neutron/neutron.conf
`

// fakes are hypervisors that hold servers without running any.
type fakes struct {
	s     *labSite
	hosts map[string]string // host → address of its node
}

// startFakes starts one fake hypervisor on each compute node, for servers of this run's project alone: others would
// otherwise be sent there, too, as nothing has as much memory. They are ended with the run.
func (s *labSite) startFakes(ctx context.Context, project string) error {
	f := fakes{s: s, hosts: map[string]string{}}
	for i, address := range s.lab.computes() {
		f.hosts[fmt.Sprint(fakesName, "-", i+1)] = address
	}
	s.undo = append(s.undo, f.end)
	if _, err := s.lab.shell(ctx, s.lab.control(), fmt.Sprintf(fakeAgentUnit, fakesName, fakeAgents, strings.Join(f.names(), " "))); err != nil {
		return err
	}
	c, err := s.admin.compute()
	if err != nil {
		return err
	}
	group, err := aggregates.Create(ctx, c, aggregates.CreateOpts{Name: fakesName}).Extract()
	if err != nil {
		return fmt.Errorf("make aggregate %s: %w", fakesName, err)
	}
	if err := aggregates.SetMetadata(ctx, c, group.ID, aggregates.SetMetadataOpts{Metadata: map[string]any{"filter_tenant_id": project}}).Err; err != nil {
		return fmt.Errorf("reserve aggregate %s: %w", fakesName, err)
	}
	for _, host := range f.names() {
		if _, err := s.lab.shell(ctx, f.hosts[host], fmt.Sprintf(fakeUnit, host)); err != nil {
			return err
		}
	}
	for _, host := range f.names() {
		progress("waiting for hypervisor %s", host)
		// Nova takes it into the aggregate from when it is in a cell, which is when it can be sent servers.
		if err := poll(ctx, 200*time.Millisecond, 5*time.Minute, host+" to be in a cell", func() (bool, error) {
			err := aggregates.AddHost(ctx, c, group.ID, aggregates.AddHostOpts{Host: host}).Err
			if gophercloud.ResponseCodeIs(err, http.StatusConflict) { // Nova has it, but perhaps not Placement, which did not know it before
				_ = aggregates.RemoveHost(ctx, c, group.ID, aggregates.RemoveHostOpts{Host: host}).Err
			}
			return err == nil, nil
		}); err != nil {
			return err
		}
	}
	return f.known(ctx)
}

func (f fakes) names() []string {
	out := make([]string, 0, len(f.hosts))
	for host := range f.hosts {
		out = append(out, host)
	}
	slices.Sort(out)
	return out
}

// known waits until Plaza has seen them; a change of the region makes it look.
func (f fakes) known(ctx context.Context) error {
	progress("waiting until Plaza sees them")
	look := 0
	return poll(ctx, 5*time.Second, 5*time.Minute, "Plaza to see the hypervisors", func() (bool, error) {
		look++
		if err := f.s.call(ctx, http.MethodPatch, "/v1/regions/lab", map[string]any{"spec": map[string]any{"traits": map[string]any{"look": fmt.Sprint(look)}}}, nil); err != nil {
			return false, err
		}
		var o struct{ Status any }
		if err := f.s.call(ctx, http.MethodGet, "/v1/regions/lab", nil, &o); err != nil {
			return false, err
		}
		text := fmt.Sprint(o.Status)
		for _, host := range f.names() {
			if !strings.Contains(text, host) {
				return false, nil
			}
		}
		return true, nil
	})
}

// end stops them and makes Nova and Neutron forget them.
func (f fakes) end(ctx context.Context) error {
	progress("ending the fake hypervisors")
	_, failed := f.s.lab.shell(ctx, f.s.lab.control(), fmt.Sprintf("systemctl stop %[1]s-agents 2>/dev/null || true\nrm -f /run/plaza-bench/agents.py\n", fakesName))
	for host, address := range f.hosts {
		_, err := f.s.lab.shell(ctx, address, fmt.Sprintf("systemctl stop %[1]s 2>/dev/null || true\nsystemctl reset-failed %[1]s 2>/dev/null || true\nrm -rf /run/plaza-bench /var/log/nova/%[1]s.log\n", host))
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, f.forgetAggregate(ctx), f.forgetServices(ctx), f.forgetAgents(ctx))
}

func (f fakes) forgetAggregate(ctx context.Context) error {
	c, err := f.s.admin.compute()
	if err != nil {
		return err
	}
	pages, err := aggregates.List(c).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := aggregates.ExtractAggregates(pages)
	for _, a := range all {
		if a.Name != fakesName {
			continue
		}
		for _, host := range a.Hosts {
			err = errors.Join(err, aggregates.RemoveHost(ctx, c, a.ID, aggregates.RemoveHostOpts{Host: host}).Err)
		}
		err = errors.Join(err, aggregates.Delete(ctx, c, a.ID).ExtractErr())
	}
	return err
}

func (f fakes) forgetServices(ctx context.Context) error {
	c, err := f.s.admin.compute()
	if err != nil {
		return err
	}
	pages, err := services.List(c, services.ListOpts{Binary: "nova-compute"}).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := services.ExtractServices(pages)
	for _, found := range all {
		if f.hosts[found.Host] != "" {
			err = errors.Join(err, services.Delete(ctx, c, found.ID).ExtractErr())
		}
	}
	return err
}

func (f fakes) forgetAgents(ctx context.Context) error {
	c, err := f.s.admin.network()
	if err != nil {
		return err
	}
	pages, err := agents.List(c, agents.ListOpts{}).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := agents.ExtractAgents(pages)
	for _, a := range all {
		if f.hosts[a.Host] == "" {
			continue
		}
		if gone := agents.Delete(ctx, c, a.ID).ExtractErr(); gone != nil && !gophercloud.ResponseCodeIs(gone, http.StatusNotFound) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
