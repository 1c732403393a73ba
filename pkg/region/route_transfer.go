package region

import "context"

func (f *Fleet) TransferableVolume(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.TransferableVolume(ctx, place, id)
}

func (f *Fleet) TransferVolume(ctx context.Context, place, id, project string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.TransferVolume(ctx, place, id, project)
}
