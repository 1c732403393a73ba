package kinds

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// SecurityGroupSpec lists what may come in; everything else inbound is dropped. Outbound is free.
type SecurityGroupSpec struct {
	Rules []SecurityRule `json:"rules,omitempty" maxItems:"200" doc:"What may come in; nothing without any"`
}

// SecurityRule allows inbound traffic.
type SecurityRule struct {
	Protocol string `json:"protocol" enum:"tcp,udp,icmp" doc:"That may come in"`
	FromPort int    `json:"fromPort,omitempty" minimum:"0" maximum:"65535" doc:"First port; 0 with toPort 0 for all"`
	ToPort   int    `json:"toPort,omitempty" minimum:"0" maximum:"65535" doc:"Last port; default fromPort"`
	CIDR     string `json:"cidr,omitempty" doc:"Where from; empty for anywhere"`
}

// SecurityGroupStatus counts who uses the group.
type SecurityGroupStatus struct {
	Servers int `json:"servers" doc:"Servers that use it"`
}

// SecurityGroup is a set of rules for what may reach a server.
type SecurityGroup = resource.Object[SecurityGroupSpec, SecurityGroupStatus]

func securityGroupKind() resource.Kind[SecurityGroupSpec, SecurityGroupStatus] {
	return resource.Kind[SecurityGroupSpec, SecurityGroupStatus]{
		Name: "securitygroup", Plural: "securitygroups", Doc: "Rules for what may reach a server.",
		Columns:  []resource.Column{{Header: "SERVERS", Path: "status.servers"}},
		Charge:   func(*SecurityGroup) resource.Charges { return resource.Charges{"security_groups": 1} },
		Validate: validateSecurityGroup,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *SecurityGroup) error {
			if err := refuseInUse(ctx, a, o.Meta, "server", "spec.securityGroups"); err != nil {
				return err
			}
			return refuseInUse(ctx, a, o.Meta, "port", "spec.securityGroups")
		},
		Reconcile: reconcileSecurityGroup,
	}
}

func validateSecurityGroup(_ context.Context, _ *resource.Admission, _, o *SecurityGroup) error {
	var fields []resource.Field
	for i := range o.Spec.Rules {
		r := &o.Spec.Rules[i]
		path := fmt.Sprintf("spec.rules[%d].", i)
		if r.Protocol != "tcp" && r.Protocol != "udp" && r.Protocol != "icmp" {
			fields = append(fields, resource.Field{Path: path + "protocol", Value: r.Protocol, Message: "is tcp, udp or icmp"})
		}
		if r.ToPort == 0 {
			r.ToPort = r.FromPort
		}
		if r.FromPort < 0 || r.ToPort > 65535 || r.FromPort > r.ToPort {
			fields = append(fields, resource.Field{Path: path + "toPort", Value: r.ToPort, Message: "ports are 0 to 65535, the first not after the last"})
		}
		if r.Protocol == "icmp" && r.ToPort != 0 {
			fields = append(fields, resource.Field{Path: path + "fromPort", Value: r.FromPort, Message: "icmp has no ports"})
		}
		if _, err := netip.ParsePrefix(r.CIDR); r.CIDR != "" && err != nil {
			fields = append(fields, resource.Field{Path: path + "cidr", Value: r.CIDR, Message: "is not a CIDR such as 10.0.0.0/24"})
		}
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "securitygroup", Detail: "the securitygroup is not valid", Fields: fields}
	}
	return nil
}

// reconcileSecurityGroup makes the servers that use the group take its rules over.
func reconcileSecurityGroup(ctx context.Context, r *resource.Reconciliation, o *SecurityGroup) (resource.Result, error) {
	list, err := users(ctx, r, "server", "spec.securityGroups", o.ID)
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.Servers = len(list)
	if o.ObservedGeneration == o.Generation {
		return resource.Result{Done: true}, nil
	}
	ports, err := users(ctx, r, "port", "spec.securityGroups", o.ID)
	if err != nil {
		return resource.Result{}, err
	}
	for _, p := range ports {
		s, err := serverWith(ctx, r, p.ID)
		if err != nil {
			return resource.Result{}, err
		}
		if s != nil {
			list = append(list, resource.Raw{Meta: s.Meta})
		}
	}
	for _, s := range list {
		r.Touch("server", s.ID, "securitygroup "+o.Name+" changed")
	}
	return resource.Result{Done: true}, nil
}

func rulesOf(g SecurityGroup) []provider.Rule {
	out := make([]provider.Rule, len(g.Spec.Rules))
	for i, r := range g.Spec.Rules {
		out[i] = provider.Rule{Protocol: r.Protocol, FromPort: r.FromPort, ToPort: r.ToPort, CIDR: r.CIDR}
	}
	return out
}
