package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
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
			again, err := p.removeFrom(ctx, o.Status.Host)
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
		return resource.Result{Again: soon, Progress: 50, Message: "giving its address back"}, nil
	}
	if err := p.tellGroup(ctx); err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return resource.Result{}, err
	}
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
			return resource.Result{Again: 150 * time.Millisecond, Progress: 80, Message: "giving its address back"}, p.r.Touch(ctx, "network", n.ID, "server "+o.Name+" is gone")
		}
	}
	return resource.Result{Done: true}, nil
}

// removeFrom deletes the server where it is, and tells whether that has to be done again.
func (p serverPass) removeFrom(ctx context.Context, host string) (bool, error) {
	again := false
	if p.o.Status.Power == "" && p.o.Status.Node == "" { // it was never seen
		var err error
		again, err = late(ctx, p.r, &p.o.Meta, host, func() error {
			_, err := p.Driver.GetServer(ctx, host, p.o.ID)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	if err := p.Driver.DeleteServer(ctx, host, p.o.ID); err != nil && !provider.IsNotFound(err) {
		return false, Explain("server", err)
	}
	return again, nil
}
