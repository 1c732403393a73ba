package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

func (p serverPass) remove(ctx context.Context) (resource.Result, error) {
	o := p.o
	if !o.Status.Gone {
		if o.Spec.Keep && o.Spec.Adopted != nil {
			if err := p.release(ctx, "server", o.Meta, *o.Spec.Adopted); err != nil {
				return resource.Result{}, err
			}
		} else if o.Status.Host != "" {
			seen := o.Status.Power != "" || o.Status.Node != ""
			again, err := removeFrom(ctx, p.r, &o.Meta, o.Status.Host, seen, p.Driver.GetServer, p.Driver.DeleteServer)
			if again || err != nil {
				return lookAgain(), err
			}
		}
		if err := p.tellVolumes(ctx, nil); err != nil {
			return resource.Result{}, err
		}
		if err := p.tellFloating(ctx); err != nil {
			return resource.Result{}, err
		}
		if err := p.tellPorts(ctx, nil); err != nil {
			return resource.Result{}, err
		}
		o.Status.Gone, o.Status.Power, o.Status.Ports = true, "", nil
		// Its pass that may be under way knows nothing of the end yet, and may give an address: there is one more after it.
		p.r.Touch("network", o.Spec.Network, "server "+o.Name+" is gone")
		return resource.Result{Again: soon, Progress: 50, Message: "giving its address back"}, nil
	}
	p.tellGroup()
	network, err := p.r.Get(ctx, "network", o.Project, o.Spec.Network)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return resource.Result{Done: true}, nil
	}
	if err != nil {
		return resource.Result{}, err
	}
	n, err := resource.As[NetworkSpec, NetworkStatus](network)
	if err != nil {
		return resource.Result{}, err
	}
	for _, port := range n.Status.Ports {
		if port.Server == o.ID {
			return resource.Result{Again: 150 * time.Millisecond, Progress: 80, Message: "giving its address back"}, nil
		}
	}
	return resource.Result{Done: true}, nil
}
