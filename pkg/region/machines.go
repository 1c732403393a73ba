package region

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Baremetal = (*Fleet)(nil)

// machines finds the bare metal service of a region.
func (f *Fleet) machines(ctx context.Context, place string) (provider.Baremetal, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	if b, ok := d.(provider.Baremetal); ok {
		return b, nil
	}
	return nil, provider.Errorf(provider.ReasonInvalid, "name a region that has a bare metal service", "%s does not run whole machines", place)
}

func (f *Fleet) EnsureMachine(ctx context.Context, place string, want provider.Machine) (provider.MachineState, error) {
	b, err := f.machines(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	return b.EnsureMachine(ctx, place, want)
}

func (f *Fleet) GetMachine(ctx context.Context, place, id string) (provider.MachineState, error) {
	b, err := f.machines(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	return b.GetMachine(ctx, place, id)
}

func (f *Fleet) ActOnMachine(ctx context.Context, place, id string, act provider.MachineAct) (provider.MachineState, error) {
	b, err := f.machines(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	return b.ActOnMachine(ctx, place, id, act)
}

func (f *Fleet) DeleteMachine(ctx context.Context, place, id string) error {
	b, err := f.machines(ctx, place)
	if err != nil {
		return err
	}
	return b.DeleteMachine(ctx, place, id)
}

func (f *Fleet) ListMachines(ctx context.Context, place string) ([]provider.MachineState, error) {
	b, err := f.machines(ctx, place)
	if err != nil {
		return nil, err
	}
	return b.ListMachines(ctx, place)
}
