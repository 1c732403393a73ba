package kinds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// NodeGroupSpec is a number of like servers. Dpath's machineGroups name node groups.
type NodeGroupSpec struct {
	Count          int               `json:"count" minimum:"0" maximum:"200" doc:"How many servers"`
	Flavor         string            `json:"flavor" doc:"Of each server, by name"`
	Image          string            `json:"image" doc:"Of each server, by name"`
	Network        string            `json:"network" doc:"Of each server, by name or id"`
	Addresses      []string          `json:"addresses,omitempty" doc:"Fixed addresses by number; given out when there are fewer than servers"`
	SecurityGroups []string          `json:"securityGroups,omitempty" maxItems:"16" doc:"Of each server, by name or id; without any, nothing may come in"`
	Keypair        string            `json:"keypair,omitempty" doc:"Of each server, by name or id"`
	UserData       string            `json:"userData,omitempty" maxLength:"262144" doc:"cloud-config; ${name} stands for the server's name, ${index} for its number from 0"`
	Publish        []PublishSpec     `json:"publish,omitempty" doc:"TCP ports of each server to make reachable from outside"`
	Volumes        []GroupVolume     `json:"volumes,omitempty" maxItems:"4" doc:"Volumes of each server's own, named GROUP-NUMBER-NAME. They are kept when a server is replaced or there are fewer, and go with the group"`
	AntiAffinity   string            `json:"antiAffinity,omitempty" enum:"none,soft,hard" doc:"How strongly the servers avoid each other, by a server group of the node group's own; default soft"`
	UpdatePolicy   string            `json:"updatePolicy,omitempty" enum:"rolling,manual" doc:"What a new template does to the servers that are there: rolling replaces them, manual leaves them until someone deletes them, as those with data of their own need; default rolling"`
	MaxUnavailable int               `json:"maxUnavailable,omitempty" minimum:"1" doc:"Servers replaced at a time; default 1"`
	DrainSeconds   int               `json:"drainSeconds,omitempty" minimum:"0" maximum:"3600" doc:"How long a server that is to go still runs, after those who send to the group were told to send it nothing new; default 0"`
	Metadata       map[string]string `json:"metadata,omitempty" doc:"Of each server"`
}

// GroupVolume is a volume that each server of a group has.
type GroupVolume struct {
	Name    string `json:"name" minLength:"1" maxLength:"16" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" doc:"Volumes are named GROUP-NUMBER-NAME"`
	SizeGiB int    `json:"sizeGiB" minimum:"1" maximum:"65536" doc:"It only grows"`
	Tier    string `json:"tier,omitempty" maxLength:"63" doc:"Storage tier; it can not be changed"`
}

// NodeGroupStatus lists the servers.
type NodeGroupStatus struct {
	Ready   int      `json:"ready"`
	Updated int      `json:"updated" doc:"Servers made from the present template"`
	Members []Member `json:"members,omitempty"`
}

// Member is a server of a group.
type Member struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Phase     resource.Phase `json:"phase"`
	Address   string         `json:"address,omitempty"`
	Host      string         `json:"host,omitempty"`
	Published []Published    `json:"published,omitempty"`
	Updated   bool           `json:"updated"`
	Joined    bool           `json:"joined,omitempty" doc:"It was ready once"`
	Leaving   *time.Time     `json:"leaving,omitempty" doc:"Since when it gets nothing new, as it is to go"`
}

// serves tells whether something may be sent to the member.
func (m Member) serves() bool {
	return m.Address != "" && m.Phase != resource.PhaseDeleting && m.Leaving == nil
}

// NodeGroup is a number of like servers.
type NodeGroup = resource.Object[NodeGroupSpec, NodeGroupStatus]

// templateLabel marks which template a server was made from.
const templateLabel = "plaza/template"

func nodeGroupKind() resource.Kind[NodeGroupSpec, NodeGroupStatus] {
	return resource.Kind[NodeGroupSpec, NodeGroupStatus]{
		Name: "nodegroup", Plural: "nodegroups", Doc: "A number of like servers, spread over hosts and replaced one by one.",
		Columns: []resource.Column{{Header: "COUNT", Path: "spec.count"}, {Header: "READY", Path: "status.ready"}, {Header: "UPDATED", Path: "status.updated"}, {Header: "ADDRESSES", Path: "status.members.address"}},
		Secrets: []string{"userData"},
		Charge:  func(*NodeGroup) resource.Charges { return resource.Charges{"nodegroups": 1} },
		Forecast: func(ctx context.Context, r resource.Reader, o *NodeGroup) (resource.Charges, error) {
			return forecastGroup(ctx, r, o.Spec)
		},
		Default: func(_ context.Context, _ *resource.Admission, o *NodeGroup) error {
			if o.Spec.AntiAffinity == "" {
				o.Spec.AntiAffinity = "soft"
			}
			if o.Spec.UpdatePolicy == "" {
				o.Spec.UpdatePolicy = updateRolling
			}
			if o.Spec.MaxUnavailable == 0 {
				o.Spec.MaxUnavailable = 1
			}
			return nil
		},
		Validate: validateNodeGroup,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *NodeGroup) error {
			return refuseInUse(ctx, a, o.Meta, "loadbalancer", "spec.listeners.members.nodegroup")
		},
		Reconcile: reconcileNodeGroup,
		// The servers belong to the group and go before it.
		Delete: func(context.Context, *resource.Reconciliation, *NodeGroup) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		},
	}
}

func forecastGroup(ctx context.Context, r resource.Reader, s NodeGroupSpec) (resource.Charges, error) {
	c, err := forecastServers(ctx, r, s.Flavor, s.Count)
	if c != nil {
		c["nodegroups"] = 1
		forecastVolumes(c, s)
		if s.policy() != "" {
			c["server_groups"] = 1
		}
	}
	return c, err
}

func validateNodeGroup(ctx context.Context, a *resource.Admission, old, o *NodeGroup) error {
	if o.Spec.Count < 0 || o.Spec.Count > 200 {
		return resource.Invalid("nodegroup", "spec.count", o.Spec.Count, "is between 0 and 200")
	}
	if len(o.Name) > 56 {
		return resource.Invalid("nodegroup", "name", o.Name, "at most 56 characters, as the servers' names add a number")
	}
	for _, ref := range []struct{ kind, project, name, path string }{{"flavor", "", o.Spec.Flavor, "spec.flavor"}, {"network", o.Project, o.Spec.Network, "spec.network"}} {
		if _, err := find[json.RawMessage, json.RawMessage](ctx, a, ref.kind, ref.project, ref.name, ref.path, "nodegroup"); err != nil {
			return err
		}
	}
	var err error
	if _, o.Spec.Image, err = useImage(ctx, a, o.Meta, o.Spec.Image, "spec.image"); err != nil {
		return err
	}
	return validateGroupVolumes(old, o)
}

const (
	updateRolling = "rolling"
	updateManual  = "manual"
)

// template is a digest of everything that a change of needs new servers for.
func (s NodeGroupSpec) template() string {
	s.Count, s.MaxUnavailable, s.Addresses, s.UpdatePolicy, s.DrainSeconds = 0, 0, nil, "", 0
	s.Volumes = slices.Clone(s.Volumes)
	for i := range s.Volumes {
		s.Volumes[i].SizeGiB = 0 // they grow where they are
	}
	text, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func (s NodeGroupSpec) server(group, name string, index int, volumes []string) ServerSpec {
	vars := strings.NewReplacer("${name}", name, "${index}", fmt.Sprint(index))
	address := ""
	if index < len(s.Addresses) {
		address = s.Addresses[index]
	}
	return ServerSpec{Address: address, Flavor: s.Flavor, Image: s.Image, Network: s.Network, SecurityGroups: slices.Clone(s.SecurityGroups), Keypair: s.Keypair, UserData: vars.Replace(s.UserData),
		Publish: slices.Clone(s.Publish), ServerGroup: group, Metadata: s.Metadata, Volumes: volumes}
}

// reconcileNodeGroup makes missing servers, removes surplus ones, and replaces those of an older template, a few at a time.
func reconcileNodeGroup(ctx context.Context, r *resource.Reconciliation, o *NodeGroup) (resource.Result, error) {
	// A load balancer looks at each node; one may have been lost and be back before the group's own phase tells of it.
	if o.Owner != nil && o.Owner.Kind == "loadbalancer" && r.Cause != "" {
		r.Touch(o.Owner.Kind, o.Owner.ID, r.Cause)
	}
	members, err := groupMembers(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	group, err := apart(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	volumes, err := tendVolumes(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	with := company{group, volumes, o.Status.Members}
	o.Status.Members, o.Status.Ready, o.Status.Updated = nil, 0, 0
	down := 0
	for i := range o.Spec.Count {
		m := members[i]
		if m == nil || !m.Settled() || with.known(m).Leaving != nil {
			down++
		}
	}
	for i := range o.Spec.Count {
		if err := tendMember(ctx, r, o, with, i, members[i], &down); err != nil {
			return resource.Result{}, err
		}
	}
	surplus := 0
	for _, i := range slices.Sorted(maps.Keys(members)) {
		if i < o.Spec.Count {
			continue
		}
		surplus++
		if err := leave(ctx, r, o, with, members[i]); err != nil {
			return resource.Result{}, err
		}
	}
	if err := tellSenders(ctx, r, o, with.before); err != nil {
		return resource.Result{}, err
	}
	current := o.Status.Updated == o.Spec.Count || o.Spec.UpdatePolicy == updateManual
	if o.Status.Ready == o.Spec.Count && current && surplus == 0 {
		return resource.Result{Done: true}, nil
	}
	return resource.Result{Again: time.Second, Progress: 100 * o.Status.Updated / max(o.Spec.Count, 1),
		Message: fmt.Sprintf("%d of %d servers are ready, %d up to date, %d too many", o.Status.Ready, o.Spec.Count, o.Status.Updated, surplus)}, nil
}

// policy is that of the server group; "" without one.
func (s NodeGroupSpec) policy() pool.Policy {
	return map[string]pool.Policy{"soft": pool.SoftAntiAffinity, "hard": pool.AntiAffinity}[s.AntiAffinity]
}

// apart makes the server group that keeps the servers apart, and returns its id; one of another policy goes when its last
// server has.
func apart(ctx context.Context, r *resource.Reconciliation, o *NodeGroup) (string, error) {
	id, policy := "", o.Spec.policy()
	err := resource.All(ctx, r, resource.Query{Kind: "servergroup", Project: o.Project, Fields: map[string]string{"owner": o.ID}}, func(raw resource.Raw) error {
		g, err := resource.As[ServerGroupSpec, ServerGroupStatus](raw)
		if err != nil || g.DeletingAt != nil {
			return err
		}
		if g.Spec.Policy == policy {
			id = g.ID
			return nil
		}
		if _, err := r.Remove(ctx, "servergroup", g.ID); err != nil && resource.ReasonOf(err) != resource.ReasonInUse {
			return err
		}
		return nil
	})
	if err != nil || id != "" || policy == "" {
		return id, err
	}
	spec, err := json.Marshal(ServerGroupSpec{Policy: policy})
	if err != nil {
		return "", err
	}
	a, err := r.Apply(ctx, resource.Request{Kind: "servergroup", Project: o.Project, Name: o.Name + "-" + o.Spec.AntiAffinity, Labels: o.Labels, Spec: spec, Mode: resource.CreateOnly})
	return a.Object.ID, err
}

// company is what a group's servers are made with: the server group that keeps them apart, and their volumes' ids by name;
// and what was known of them before.
type company struct {
	group   string
	volumes map[string]string
	before  []Member
}

// known is what was told of a server before.
func (c company) known(m *Server) Member {
	if i := slices.IndexFunc(c.before, func(b Member) bool { return b.ID == m.ID }); i >= 0 {
		return c.before[i]
	}
	return Member{}
}

func (c company) member(m *Server, updated bool) Member {
	return Member{ID: m.ID, Name: m.Name, Phase: m.Phase, Address: m.Status.Address, Host: m.Status.HostName, Published: m.Status.Published, Updated: updated,
		Joined: c.known(m).Joined || m.Phase == resource.PhaseReady}
}

// leave lets a server go, once it had its time after those who send to it were told.
func leave(ctx context.Context, r *resource.Reconciliation, o *NodeGroup, with company, m *Server) error {
	member := with.member(m, m.Labels[templateLabel] == o.Spec.template())
	if member.Leaving = with.known(m).Leaving; member.Leaving == nil {
		now := time.Now().UTC()
		member.Leaving = &now
	}
	if i := slices.IndexFunc(o.Status.Members, func(have Member) bool { return have.ID == m.ID }); i >= 0 {
		o.Status.Members[i] = member
	} else {
		o.Status.Members = append(o.Status.Members, member)
	}
	drain := time.Duration(o.Spec.DrainSeconds) * time.Second
	if m.DeletingAt != nil || m.Settled() && time.Since(*member.Leaving) < drain {
		return nil
	}
	_, err := r.Remove(ctx, "server", m.ID)
	return err
}

// tellSenders wakes the chains that send to the group when those who may be sent to are others than before.
func tellSenders(ctx context.Context, r *resource.Reconciliation, o *NodeGroup, before []Member) error {
	if slices.Equal(servingAddresses(before), servingAddresses(o.Status.Members)) {
		return nil
	}
	for kind, path := range map[string]string{"dpathchain": "spec.apps.nodegroups", "dpathenv": "spec.apps.nodegroup"} {
		list, err := usersIn(ctx, r, kind, path, o.Project, o.Name)
		if err != nil {
			return err
		}
		for _, u := range list {
			r.Touch(u.Kind, u.ID, "nodegroup "+o.Name+" has other members")
		}
	}
	return nil
}

func servingAddresses(members []Member) (out []string) {
	for _, m := range members {
		if m.serves() && m.Joined {
			out = append(out, m.Address)
		}
	}
	slices.Sort(out)
	return out
}

// tendMember looks after the server of one number.
func tendMember(ctx context.Context, r *resource.Reconciliation, o *NodeGroup, with company, index int, m *Server, down *int) error {
	if m == nil {
		return makeMember(ctx, r, o, with, index)
	}
	updated := m.Labels[templateLabel] == o.Spec.template()
	o.Status.Members = append(o.Status.Members, with.member(m, updated))
	if m.Settled() {
		o.Status.Ready++
	}
	if updated {
		o.Status.Updated++
		return nil
	}
	if o.Spec.UpdatePolicy == updateManual {
		return nil
	}
	goes := with.known(m).Leaving != nil
	if m.DeletingAt != nil || !goes && m.Settled() && *down >= o.Spec.MaxUnavailable {
		return nil
	}
	if !goes {
		*down++
	}
	return leave(ctx, r, o, with, m)
}

func makeMember(ctx context.Context, r *resource.Reconciliation, o *NodeGroup, with company, index int) error {
	name := fmt.Sprintf("%s-%d", o.Name, index)
	var volumes []string
	for _, v := range o.Spec.Volumes {
		volumes = append(volumes, with.volumes[v.volumeName(o.Name, index)])
	}
	spec, err := json.Marshal(o.Spec.server(with.group, name, index, volumes))
	if err != nil {
		return err
	}
	labels := map[string]string{"nodegroup": o.Name, templateLabel: o.Spec.template()}
	for k, v := range o.Labels {
		labels[k] = v
	}
	a, err := r.Apply(ctx, resource.Request{Kind: "server", Project: o.Project, Name: name, Labels: labels, Spec: spec, Mode: resource.CreateOnly})
	if err != nil {
		return err
	}
	o.Status.Members = append(o.Status.Members, Member{ID: a.Object.ID, Name: name, Phase: a.Object.Phase, Updated: true})
	return nil
}

// groupMembers finds the group's servers by their number.
func groupMembers(ctx context.Context, r *resource.Reconciliation, o *NodeGroup) (map[int]*Server, error) {
	out := map[int]*Server{}
	err := resource.All(ctx, r, resource.Query{Kind: "server", Project: o.Project, Fields: map[string]string{"owner": o.ID}}, func(raw resource.Raw) error {
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return err
		}
		var index int
		if _, err := fmt.Sscanf(strings.TrimPrefix(s.Name, o.Name+"-"), "%d", &index); err != nil {
			return fmt.Errorf("server %s of group %s has no number", s.Name, o.Name)
		}
		out[index] = &s
		return nil
	})
	return out, err
}
