package openstack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"
	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/ports"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Baremetal = (*Driver)(nil)

// secretsKey is where a node keeps a keyed digest of what Ironic does not show again: its controller's address and
// credentials.
const secretsKey = "plaza-secrets" //nolint:gosec // a name

// ironic is the bare metal service as the driver's own user sees it.
func (d *Driver) ironic(ctx context.Context, place string) (*gophercloud.ServiceClient, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	return d.cloud.client(ctx, baremetal, "")
}

// EnsureMachine enrols the node under the machine's own id, so that a second one can not be made, and sets what differs.
func (d *Driver) EnsureMachine(ctx context.Context, place string, want provider.Machine) (provider.MachineState, error) {
	if err := checkMachine(want); err != nil {
		return provider.MachineState{}, err
	}
	c, err := d.ironic(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	unlock, err := d.locks.Lock(ctx, "machine/"+want.ID)
	if err != nil {
		return provider.MachineState{}, err
	}
	defer unlock()
	node, err := d.node(ctx, c, want.ID)
	if provider.IsNotFound(err) {
		node, err = d.enrol(ctx, c, want)
	}
	if err != nil {
		return provider.MachineState{}, err
	}
	if node, err = d.amend(ctx, c, node, want); err != nil {
		return provider.MachineState{}, err
	}
	if err := setTraits(ctx, c, node, want.Traits); err != nil {
		return provider.MachineState{}, err
	}
	macs, err := ensurePorts(ctx, c, node, want)
	if err != nil {
		return provider.MachineState{}, err
	}
	return machineState(want.ID, node, macs), nil
}

func checkMachine(want provider.Machine) error {
	switch {
	case !isID(want.ID):
		return provider.Errorf(provider.ReasonInvalid, "", "%q is not the id of a machine", want.ID)
	case want.Driver == "":
		return provider.Errorf(provider.ReasonInvalid, "for example redfish or ipmi", "machine %s has no driver", want.Name)
	case want.ResourceClass == "":
		return provider.Errorf(provider.ReasonInvalid, "name what sort of machine it is; flavors ask for it", "machine %s has no resource class", want.Name)
	}
	for name := range want.Interfaces {
		if _, ok := interfacePaths[name]; !ok {
			return provider.Errorf(provider.ReasonInvalid, "there are "+strings.Join(slices.Sorted(maps.Keys(interfacePaths)), ", "), "machines have no %s interface", name)
		}
	}
	return nil
}

// interfacePaths are the interfaces of a node that may be chosen.
var interfacePaths = map[string]string{
	"bios": "/bios_interface", "boot": "/boot_interface", "console": "/console_interface", "deploy": "/deploy_interface", "inspect": "/inspect_interface",
	"management": "/management_interface", "network": "/network_interface", "power": "/power_interface", "raid": "/raid_interface",
	"rescue": "/rescue_interface", "storage": "/storage_interface", "vendor": "/vendor_interface",
}

// node finds a machine's node: by its id, which is the node's own for those that Plaza enrolled, else by its mark.
func (d *Driver) node(ctx context.Context, c *gophercloud.ServiceClient, id string) (*nodes.Node, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	node, err := nodes.Get(ctx, c, id).Extract()
	if err == nil {
		return node, nil
	}
	if !isCode(err, http.StatusNotFound) {
		return nil, mapped("read machine "+id, err)
	}
	marked, err := listNodes(ctx, c, "uuid", "extra")
	if err != nil {
		return nil, err
	}
	for _, n := range marked {
		if text(n.Extra, idKey) == id {
			node, err := nodes.Get(ctx, c, n.UUID).Extract()
			return node, mapped("read machine "+id, err)
		}
	}
	return nil, provider.Errorf(provider.ReasonNotFound, "", "there is no machine %s in the region", id)
}

// listNodes reads some fields of every node.
func listNodes(ctx context.Context, c *gophercloud.ServiceClient, fields ...string) ([]nodes.Node, error) {
	page, err := nodes.List(c, nodes.ListOpts{Fields: fields}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list machines", err)
	}
	all, err := nodes.ExtractNodes(page)
	return all, mapped("list machines", err)
}

func (d *Driver) enrol(ctx context.Context, c *gophercloud.ServiceClient, want provider.Machine) (*nodes.Node, error) {
	set := want.Interfaces
	node, err := nodes.Create(ctx, c, nodes.CreateOpts{
		UUID: want.ID, Name: want.Name, Driver: want.Driver, DriverInfo: anyMap(want.DriverInfo), ResourceClass: want.ResourceClass, Owner: want.Owner,
		Properties: properties(want), Extra: map[string]any{idKey: want.ID, secretsKey: d.secretsDigest(want)},
		BIOSInterface: set["bios"], BootInterface: set["boot"], ConsoleInterface: set["console"], DeployInterface: set["deploy"], InspectInterface: set["inspect"],
		ManagementInterface: set["management"], NetworkInterface: set["network"], PowerInterface: set["power"], RAIDInterface: set["raid"],
		RescueInterface: set["rescue"], StorageInterface: set["storage"], VendorInterface: set["vendor"],
	}).Extract()
	if isCode(err, http.StatusConflict) {
		if node, err := nodes.Get(ctx, c, want.ID).Extract(); err == nil {
			return node, nil // another pass was quicker
		}
	}
	return node, refused("enrol machine "+want.Name, err)
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// properties are what Nova's scheduler and deployment read.
func properties(want provider.Machine) map[string]any {
	out := map[string]any{}
	for name, n := range map[string]int{"cpus": want.CPUs, "memory_mb": want.MemoryMiB, "local_gb": want.DiskGiB} {
		if n > 0 {
			out[name] = n
		}
	}
	if want.Arch != "" {
		out["cpu_arch"] = want.Arch
	}
	return out
}

// secretsDigest tells whether the controller's credentials have changed without telling them: it is keyed.
func (d *Driver) secretsDigest(want provider.Machine) string {
	data, err := json.Marshal(want.DriverInfo)
	if err != nil {
		panic(err) // texts always marshal
	}
	h := hmac.New(sha256.New, []byte(d.set.Password))
	h.Write([]byte(want.ID))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// amend changes what differs from what is wanted; what inspection found and was not told otherwise stays.
func (d *Driver) amend(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, want provider.Machine) (*nodes.Node, error) {
	var patch nodes.UpdateOpts
	set := func(path string, value any) {
		patch = append(patch, nodes.UpdateOperation{Op: nodes.AddOp, Path: path, Value: value})
	}
	for path, f := range map[string][2]string{"/name": {node.Name, want.Name}, "/driver": {node.Driver, want.Driver},
		"/resource_class": {node.ResourceClass, want.ResourceClass}, "/owner": {node.Owner, want.Owner}} {
		if f[0] != f[1] && f[1] != "" {
			set(path, f[1])
		}
	}
	for name, value := range want.Interfaces {
		if interfaceOf(node, name) != value {
			set(interfacePaths[name], value)
		}
	}
	for name, value := range properties(want) {
		if fmt.Sprint(node.Properties[name]) != fmt.Sprint(value) {
			set("/properties/"+name, value)
		}
	}
	if text(node.Extra, idKey) != want.ID {
		set("/extra/"+idKey, want.ID)
	}
	if digest := d.secretsDigest(want); text(node.Extra, secretsKey) != digest {
		set("/driver_info", anyMap(want.DriverInfo))
		set("/extra/"+secretsKey, digest)
	}
	if len(patch) == 0 {
		return node, nil
	}
	changed, err := nodes.Update(ctx, c, node.UUID, patch).Extract()
	if err != nil {
		return nil, refused("change machine "+want.Name, err)
	}
	return changed, nil
}

func interfaceOf(n *nodes.Node, name string) string {
	return map[string]string{
		"bios": n.BIOSInterface, "boot": n.BootInterface, "console": n.ConsoleInterface, "deploy": n.DeployInterface, "inspect": n.InspectInterface,
		"management": n.ManagementInterface, "network": n.NetworkInterface, "power": n.PowerInterface, "raid": n.RAIDInterface,
		"rescue": n.RescueInterface, "storage": n.StorageInterface, "vendor": n.VendorInterface,
	}[name]
}

// setTraits makes the node have exactly the wanted traits; those that are not standard begin with CUSTOM_.
func setTraits(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, want []string) error {
	want = slices.Sorted(slices.Values(want))
	if slices.Equal(want, slices.Sorted(slices.Values(node.Traits))) {
		return nil
	}
	resp, err := c.Put(ctx, c.ServiceURL("nodes", node.UUID, "traits"), map[string]any{"traits": append([]string{}, want...)}, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	if err == nil {
		node.Traits = want
	}
	return refused("set the traits of machine "+node.Name, err)
}

// ensurePorts makes the cards known that are missing, and returns all: inspection may have found others.
func ensurePorts(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, want provider.Machine) ([]string, error) {
	have, err := macsOf(ctx, c, node.UUID)
	if err != nil {
		return nil, err
	}
	for _, mac := range want.MACs {
		mac = strings.ToLower(mac)
		if slices.Contains(have, mac) {
			continue
		}
		_, err := ports.Create(ctx, c, ports.CreateOpts{NodeUUID: node.UUID, Address: mac, Extra: map[string]any{idKey: want.ID}}).Extract()
		if isCode(err, http.StatusConflict) { // another control plane may have been quicker
			if have, again := macsOf(ctx, c, node.UUID); again == nil && slices.Contains(have, mac) {
				err = nil
			}
		}
		if err != nil {
			return nil, refused("add the card "+mac+" to machine "+want.Name, err)
		}
		have = append(have, mac)
	}
	slices.Sort(have)
	return have, nil
}

func macsOf(ctx context.Context, c *gophercloud.ServiceClient, node string) ([]string, error) {
	page, err := ports.List(c, ports.ListOpts{NodeUUID: node, Fields: []string{"address"}}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list the cards of a machine", err)
	}
	list, err := ports.ExtractPorts(page)
	if err != nil {
		return nil, mapped("list the cards of a machine", err)
	}
	macs := make([]string, 0, len(list))
	for _, p := range list {
		macs = append(macs, strings.ToLower(p.Address))
	}
	slices.Sort(macs)
	return macs, nil
}

func (d *Driver) GetMachine(ctx context.Context, place, id string) (provider.MachineState, error) {
	c, err := d.ironic(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	node, err := d.node(ctx, c, id)
	if err != nil {
		return provider.MachineState{}, err
	}
	macs, err := macsOf(ctx, c, node.UUID)
	if err != nil {
		return provider.MachineState{}, err
	}
	return machineState(id, node, macs), nil
}

func (d *Driver) ListMachines(ctx context.Context, place string) ([]provider.MachineState, error) {
	c, err := d.ironic(ctx, place)
	if err != nil {
		return nil, err
	}
	page, err := nodes.ListDetail(c, nodes.ListOpts{}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list machines", err)
	}
	all, err := nodes.ExtractNodes(page)
	if err != nil {
		return nil, mapped("list machines", err)
	}
	cards, err := ports.List(c, ports.ListOpts{Fields: []string{"address", "node_uuid"}}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list the cards of machines", err)
	}
	list, err := ports.ExtractPorts(cards)
	if err != nil {
		return nil, mapped("list the cards of machines", err)
	}
	macs := map[string][]string{}
	for _, p := range list {
		macs[p.NodeUUID] = append(macs[p.NodeUUID], strings.ToLower(p.Address))
	}
	var out []provider.MachineState
	for i := range all {
		if id := plain(text(all[i].Extra, idKey)); id != "" {
			slices.Sort(macs[all[i].UUID])
			out = append(out, machineState(id, &all[i], macs[all[i].UUID]))
		}
	}
	return out, nil
}

// DeleteMachine forgets a machine that nothing runs on. One whose step failed is forgotten by way of maintenance, which
// is Ironic's own way for nodes that can not be mended.
func (d *Driver) DeleteMachine(ctx context.Context, place, id string) error {
	c, err := d.ironic(ctx, place)
	if err != nil {
		return err
	}
	node, err := d.node(ctx, c, id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case inUse(node):
		return provider.Errorf(provider.ReasonConflict, "take the server off it first: undeploy, or delete the server", "machine %s is %s", node.Name, node.ProvisionState)
	case underway(node):
		return provider.Errorf(provider.ReasonConflict, "wait, or abort the step", "machine %s is %s", node.Name, node.ProvisionState)
	case strings.HasSuffix(node.ProvisionState, " failed") && !node.Maintenance:
		if err := nodes.SetMaintenance(ctx, c, node.UUID, nodes.MaintenanceOpts{Reason: "being deleted after " + node.ProvisionState}).ExtractErr(); err != nil {
			return refused("put machine "+node.Name+" in maintenance", err)
		}
	}
	err = nodes.Delete(ctx, c, node.UUID).ExtractErr()
	if isCode(err, http.StatusNotFound) {
		return nil
	}
	return refused("delete machine "+node.Name, err)
}

// refused maps Ironic's refusals, which call a wrong state a bad request and a locked node a conflict.
func refused(what string, err error) error {
	if err == nil {
		return nil
	}
	var e gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &e) {
		said := messageOf(e.Body)
		switch {
		case e.Actual == http.StatusConflict && strings.Contains(said, "is locked by host"):
			return provider.Errorf(provider.ReasonUnavailable, "it is tried again", "%s: a conductor is busy with it: %w", what, err)
		case e.Actual == http.StatusBadRequest && (strings.Contains(said, "while it is in state") || strings.Contains(said, "is in the wrong state") || strings.Contains(said, "while it is in provision state")):
			return &provider.Error{Reason: provider.ReasonConflict, Detail: what + ": " + said, Hint: "see the machine's provision state", Err: err}
		case said != "" && (e.Actual == http.StatusBadRequest || e.Actual == http.StatusConflict):
			reason := provider.ReasonInvalid
			if e.Actual == http.StatusConflict {
				reason = provider.ReasonConflict
			}
			return &provider.Error{Reason: reason, Detail: what + ": " + said, Err: err}
		}
	}
	return mapped(what, err)
}
