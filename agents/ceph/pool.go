//go:build ceph

package ceph

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/plazacloud/plaza/pkg/provider"
)

var (
	poolName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$`)
	domainName   = regexp.MustCompile(`^[a-z]+$`)
	className    = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
	applications = []string{"rbd", "rgw", "cephfs"}
)

// EnsurePool makes the pool, or changes what may be changed of it: copies, PG count, quota, rule. What it can never
// become is refused as Conflict.
func (d *Driver) EnsurePool(ctx context.Context, _ string, want provider.DataPool) (provider.DataPoolState, error) {
	if want.FailureDomain == "" {
		want.FailureDomain = "host"
	}
	if err := checkPool(want); err != nil {
		return provider.DataPoolState{}, err
	}
	unlock, err := d.locks.Lock(ctx, "pool/"+want.Name)
	if err != nil {
		return provider.DataPoolState{}, err
	}
	defer unlock()
	pools, err := d.pools(ctx)
	if err != nil {
		return provider.DataPoolState{}, err
	}
	if i := find(pools, want.Name); i < 0 {
		err = d.createPool(ctx, want)
	} else {
		err = d.refuseChange(ctx, pools[i], want)
	}
	if err != nil {
		return provider.DataPoolState{}, err
	}
	if err := d.settlePool(ctx, want); err != nil {
		return provider.DataPoolState{}, err
	}
	return d.readPool(ctx, want.Name)
}

func checkPool(w provider.DataPool) error {
	erasure := w.DataChunks > 0 || w.CodingChunks > 0
	complaint := ""
	switch {
	case !poolName.MatchString(w.Name):
		complaint = fmt.Sprintf("%q can not be the name of a pool", w.Name)
	case !slices.Contains(applications, w.Application):
		complaint = fmt.Sprintf("a pool is for rbd, rgw or cephfs, not %q", w.Application)
	case erasure && (w.DataChunks < 2 || w.CodingChunks < 1 || w.DataChunks+w.CodingChunks > 32):
		complaint = "an erasure coded pool has at least 2 data chunks and 1 coding chunk, and 32 together"
	case erasure && w.Replicas > 0:
		complaint = "a pool is either replicated or erasure coded"
	case w.Replicas == 1 || w.Replicas < 0 || w.Replicas > 10:
		complaint = "a replicated pool has 2 to 10 copies"
	case w.PGs < 0 || w.PGs > 65536 || w.QuotaGiB < 0:
		complaint = "PGs are between 1 and 65536, and a quota is not negative"
	case !domainName.MatchString(w.FailureDomain) || !className.MatchString(w.DeviceClass):
		complaint = "failure domain and device class are words, such as host and ssd"
	default:
		return nil
	}
	return provider.Errorf(provider.ReasonInvalid, "", "%s", complaint)
}

func (d *Driver) createPool(ctx context.Context, w provider.DataPool) error {
	tree, err := d.tree(ctx)
	if err != nil {
		return err
	}
	need := max(w.Replicas, w.DataChunks+w.CodingChunks)
	if have := domains(tree, w.FailureDomain, w.DeviceClass); have < max(need, 1) {
		return provider.Errorf(provider.ReasonNoSpace, "ask for fewer copies or chunks, a smaller failure domain, or add disks",
			"pool %s needs %d of type %s with %s disks and the cluster has %d", w.Name, max(need, 1), w.FailureDomain, orAny(w.DeviceClass), have)
	}
	c := command{"prefix": "osd pool create", "pool": w.Name}
	if w.PGs > 0 {
		c["pg_num"] = w.PGs
	}
	if w.DataChunks > 0 {
		if err := d.ensureProfile(ctx, w); err != nil {
			return err
		}
		c["pool_type"], c["erasure_code_profile"] = "erasure", nameOf(w.Name)
		return d.mon(ctx, nil, c)
	}
	unlock, err := d.locks.Lock(ctx, ruleLock)
	if err != nil {
		return err
	}
	defer unlock()
	c["pool_type"] = "replicated"
	if w.DeviceClass != "" || w.FailureDomain != "host" {
		if c["rule"], err = d.ensureRule(ctx, tree, w); err != nil {
			return err
		}
	}
	if w.Replicas > 0 {
		c["size"] = w.Replicas
	}
	return d.mon(ctx, nil, c)
}

func orAny(class string) string {
	if class == "" {
		return "any"
	}
	return class
}

// ensureProfile sets the code of a pool that does not exist yet, so that one of that name is a left-over.
func (d *Driver) ensureProfile(ctx context.Context, w provider.DataPool) error {
	profile := []string{fmt.Sprintf("k=%d", w.DataChunks), fmt.Sprintf("m=%d", w.CodingChunks), "crush-failure-domain=" + w.FailureDomain}
	if w.DeviceClass != "" {
		profile = append(profile, "crush-device-class="+w.DeviceClass)
	}
	if err := d.dropCode(ctx, w.Name); err != nil {
		return err
	}
	return d.mon(ctx, nil, command{"prefix": "osd erasure-code-profile set", "name": nameOf(w.Name), "profile": profile})
}

// ensureRule makes the CRUSH rule of a failure domain and device class; pools share it.
func (d *Driver) ensureRule(ctx context.Context, tree []treeRow, w provider.DataPool) (string, error) {
	root := slices.IndexFunc(tree, func(n treeRow) bool { return n.Type == "root" })
	if root < 0 {
		return "", provider.Errorf(provider.ReasonConflict, "add disks to it", "the cluster has no CRUSH root")
	}
	name := ruleOf(w)
	c := command{"prefix": "osd crush rule create-replicated", "name": name, "root": tree[root].Name, "type": w.FailureDomain}
	if w.DeviceClass != "" {
		c["class"] = w.DeviceClass
	}
	return name, d.mon(ctx, nil, c)
}

func ruleOf(w provider.DataPool) string { return prefix + w.FailureDomain + "-" + orAny(w.DeviceClass) }

// refuseChange names what a pool that is there can not become.
func (d *Driver) refuseChange(ctx context.Context, p poolRow, w provider.DataPool) error {
	refuse := func(format string, args ...any) error {
		return provider.Errorf(provider.ReasonConflict, "make another pool and move the data", "pool %s "+format, append([]any{p.Name}, args...)...)
	}
	if len(p.Applications) > 0 && !p.is(w.Application) {
		return refuse("is for %s, not %s", p.application(), w.Application)
	}
	if p.erasure() != (w.DataChunks > 0) {
		return refuse("can not change between copies and erasure code")
	}
	if !p.erasure() {
		return nil
	}
	var profile map[string]string
	if err := d.mon(ctx, &profile, command{"prefix": "osd erasure-code-profile get", "name": p.Profile}); err != nil {
		return err
	}
	if profile["k"] != strconv.Itoa(w.DataChunks) || profile["m"] != strconv.Itoa(w.CodingChunks) {
		return refuse("has %s data and %s coding chunks for ever", profile["k"], profile["m"])
	}
	if profile["crush-device-class"] != w.DeviceClass || profile["crush-failure-domain"] != w.FailureDomain {
		return refuse("is erasure coded over %s with %s disks for ever", profile["crush-failure-domain"], orAny(profile["crush-device-class"]))
	}
	return nil
}

// settlePool brings a pool that exists to what is wanted, step by step; each step is left out where it is so already.
func (d *Driver) settlePool(ctx context.Context, w provider.DataPool) error {
	pools, err := d.pools(ctx)
	if err != nil {
		return err
	}
	i := find(pools, w.Name)
	if i < 0 {
		return provider.Errorf(provider.ReasonConflict, "try again", "pool %s was deleted meanwhile", w.Name)
	}
	for _, step := range []func(context.Context, poolRow, provider.DataPool) error{d.setApplication, d.setRule, d.setCopies, d.setPGs, d.setQuota, d.joinFS} {
		if err := step(ctx, pools[i], w); err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) set(ctx context.Context, pool, variable, value string) error {
	return d.mon(ctx, nil, command{"prefix": "osd pool set", "pool": pool, "var": variable, "val": value})
}

func (d *Driver) setApplication(ctx context.Context, p poolRow, w provider.DataPool) error {
	if !p.is(w.Application) {
		if err := d.mon(ctx, nil, command{"prefix": "osd pool application enable", "pool": p.Name, "app": w.Application}); err != nil {
			return err
		}
	}
	if p.erasure() && w.Application != "rgw" && !containsWord(p.Flags, "ec_overwrites") {
		return d.set(ctx, p.Name, "allow_ec_overwrites", "true") // images and files are written in the middle
	}
	return nil
}

// setRule moves a replicated pool to other disks; a pool on a rule of the cluster's own stays there unless asked away.
func (d *Driver) setRule(ctx context.Context, p poolRow, w provider.DataPool) error {
	if p.erasure() {
		return nil
	}
	rules, err := d.rules(ctx)
	if err != nil {
		return err
	}
	now, plain := rules[p.Rule], w.DeviceClass == "" && w.FailureDomain == "host"
	if now == ruleOf(w) || (plain && !ours(now)) {
		return nil
	}
	tree, err := d.tree(ctx)
	if err != nil {
		return err
	}
	if have := domains(tree, w.FailureDomain, w.DeviceClass); have < max(w.Replicas, 1) {
		return provider.Errorf(provider.ReasonNoSpace, "add such disks first", "pool %s needs %d of type %s with %s disks and the cluster has %d",
			p.Name, max(w.Replicas, 1), w.FailureDomain, orAny(w.DeviceClass), have)
	}
	unlock, err := d.locks.Lock(ctx, ruleLock)
	if err != nil {
		return err
	}
	defer unlock()
	name, err := d.ensureRule(ctx, tree, w)
	if err != nil {
		return err
	}
	return d.set(ctx, p.Name, "crush_rule", name)
}

func (d *Driver) setCopies(ctx context.Context, p poolRow, w provider.DataPool) error {
	if p.erasure() || w.Replicas == 0 || p.Size == w.Replicas {
		return nil
	}
	if err := d.set(ctx, p.Name, "size", strconv.Itoa(w.Replicas)); err != nil {
		return err
	}
	return d.set(ctx, p.Name, "min_size", strconv.Itoa(w.Replicas-w.Replicas/2)) // as the cluster would have chosen
}

func (d *Driver) setPGs(ctx context.Context, p poolRow, w provider.DataPool) error {
	if w.PGs == 0 || p.PGs == w.PGs {
		return nil
	}
	return d.set(ctx, p.Name, "pg_num", strconv.Itoa(w.PGs))
}

func (d *Driver) setQuota(ctx context.Context, p poolRow, w provider.DataPool) error {
	if p.QuotaBytes == w.QuotaGiB*gib {
		return nil
	}
	use, err := d.usage(ctx)
	if err != nil {
		return err
	}
	if stored := stateOf(p, nil, use).StoredBytes; w.QuotaGiB > 0 && stored > w.QuotaGiB*gib {
		return provider.Errorf(provider.ReasonConflict, "delete something first, or allow more", "pool %s holds %d bytes already, more than %d GiB", p.Name, stored, w.QuotaGiB)
	}
	return d.mon(ctx, nil, command{"prefix": "osd pool set-quota", "pool": p.Name, "field": "max_bytes", "val": strconv.FormatInt(w.QuotaGiB*gib, 10)})
}

// joinFS lets files be kept in the pool.
func (d *Driver) joinFS(ctx context.Context, p poolRow, w provider.DataPool) error {
	if w.Application != "cephfs" {
		return nil
	}
	fs, err := d.fileSystem(ctx)
	if provider.ReasonOf(err) == provider.ReasonConflict {
		return nil // it may be meant for the first file system
	}
	if err != nil || fs.Metadata == p.Name || slices.Contains(fs.DataPools, p.Name) {
		return err
	}
	return d.mon(ctx, nil, command{"prefix": "fs add_data_pool", "fs_name": fs.Name, "pool": p.Name})
}

func (d *Driver) readPool(ctx context.Context, name string) (provider.DataPoolState, error) {
	var st provider.ClusterState
	if err := d.readPools(ctx, &st); err != nil {
		return provider.DataPoolState{}, err
	}
	i := slices.IndexFunc(st.Pools, func(p provider.DataPoolState) bool { return p.Name == name })
	if i < 0 {
		return provider.DataPoolState{}, provider.Errorf(provider.ReasonNotFound, "", "there is no pool %s", name)
	}
	return st.Pools[i], nil
}
