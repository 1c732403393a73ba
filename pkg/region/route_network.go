package region

import "context"

func (f *Fleet) DeleteServerGroup(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteServerGroup(ctx, place, id)
}
