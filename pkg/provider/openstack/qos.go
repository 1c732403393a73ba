package openstack

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/qos/policies"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/qos/rules"

	"github.com/plazacloud/plaza/pkg/provider"
)

// specBound begins the extra specs by which Nova bounds a server.
const specBound = "quota:"

// cpuPeriod is what Nova and libvirt share out at a time, in µs.
const cpuPeriod = 100_000

// boundSpecs are the bounds of processors and of the root disk as extra specs of a flavor. Cards are bounded by Neutron.
func boundSpecs(want provider.Server) map[string]string {
	specs := map[string]string{}
	set := func(name string, n int64) {
		if n > 0 {
			specs[specBound+name] = strconv.FormatInt(n, 10)
		}
	}
	set("cpu_shares", int64(want.CPU.Weight))
	if want.CPU.Percent > 0 {
		set("cpu_period", cpuPeriod)
		set("cpu_quota", int64(want.CPU.Percent)*cpuPeriod/100)
	}
	for _, disk := range want.Disks {
		if disk.Volume == "" && disk.QoS != nil {
			set("disk_total_iops_sec", disk.QoS.IOPS)
			set("disk_total_bytes_sec", disk.QoS.BytesPerSecond)
		}
	}
	return specs
}

// rebound tells whether a server that is off has bounds of an earlier flavor: Nova keeps those that it was made or resized
// with, and gives it others by a resize alone, which needs it off.
func rebound(s *servers.Server, want provider.Server) bool {
	if s.Status != "SHUTOFF" {
		return false
	}
	is := map[string]string{}
	specs, _ := s.Flavor["extra_specs"].(map[string]any)
	for k, v := range specs {
		if strings.HasPrefix(k, specBound) {
			is[k] = fmt.Sprint(v)
		}
	}
	return fmt.Sprint(is) != fmt.Sprint(boundSpecs(want)) // maps are printed in the order of their keys
}

// policyPrefix begins the names of the policies that Plaza makes.
const policyPrefix = "plaza-"

// policyOf is the QoS policy that a card shall have; "" for one without a bound. They are made by their first use and stay.
func (d *Driver) policyOf(ctx context.Context, c *gophercloud.ServiceClient, nic provider.Interface) (string, error) {
	if nic.BitsPerSecond <= 0 {
		return "", nil
	}
	kbps := int(max(nic.BitsPerSecond/1000, 1))
	name := policyPrefix + strconv.Itoa(kbps) + "kbps"
	unlock, err := d.locks.Lock(ctx, "policy/"+name)
	if err != nil {
		return "", err
	}
	defer unlock()
	have, err := pages(ctx, policies.List(c, policies.ListOpts{Name: name}), policies.ExtractPolicies)
	if isCode(err, http.StatusNotFound) {
		return "", provider.Errorf(provider.ReasonConflict, "load Neutron's qos plug-in there, or take a flavor without networkMbps", "the region can not bound cards: its network service has no QoS policies")
	}
	if err != nil {
		return "", mapped("list QoS policies", err)
	}
	if len(have) == 0 {
		p, err := policies.Create(ctx, c, policies.CreateOpts{Name: name, Description: "Cards of servers, made by Plaza"}).Extract()
		if err != nil {
			return "", mapped("make QoS policy "+name, err)
		}
		have = append(have, *p)
	}
	first := slices.MinFunc(have, func(a, b policies.Policy) int { return cmp.Compare(a.ID, b.ID) }) // two plazads may have made it at once
	return first.ID, ensureLimits(ctx, c, first, kbps)
}

// ensureLimits adds the rules that a policy lacks, as after a try that was cut off.
func ensureLimits(ctx context.Context, c *gophercloud.ServiceClient, p policies.Policy, kbps int) error {
	for _, direction := range []string{"egress", "ingress"} {
		if slices.ContainsFunc(p.Rules, func(r map[string]any) bool { return r["type"] == "bandwidth_limit" && r["direction"] == direction }) {
			continue
		}
		err := rules.CreateBandwidthLimitRule(ctx, c, p.ID, rules.CreateBandwidthLimitRuleOpts{MaxKBps: kbps, MaxBurstKBps: max(kbps*8/10, 1), Direction: direction}).Err
		if err != nil && !isCode(err, http.StatusConflict) { // another plazad was quicker
			return mapped("bound "+direction+" by QoS policy "+p.Name, err)
		}
	}
	return nil
}

// otherPolicy tells whether a port is to get another policy. One that others gave it stays where Plaza wants no bound.
func otherPolicy(ctx context.Context, c *gophercloud.ServiceClient, has, want string) (bool, error) {
	if has == want || has == "" || want != "" {
		return has != want, nil
	}
	p, err := policies.Get(ctx, c, has).Extract()
	if isCode(err, http.StatusNotFound) {
		return false, nil
	}
	if err != nil {
		return false, mapped("look at a QoS policy", err)
	}
	return strings.HasPrefix(p.Name, policyPrefix), nil
}
