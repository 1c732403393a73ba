package openstack

import (
	"context"
	"time"
)

const (
	pollFirst = 300 * time.Millisecond
	pollLast  = 2 * time.Second
	// longest is how long one call may take; the next one goes on where it stopped.
	longest = 10 * time.Minute
)

// poll calls step, ever more slowly, until it is done, fails, or ctx ends.
func poll(ctx context.Context, what string, step func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for pause := pollFirst; ; pause = min(pause*5/4, pollLast) {
		done, err := step()
		if done || err != nil {
			return err
		}
		if err := rest(ctx, pause); err != nil {
			return mapped(what+" takes longer", err)
		}
	}
}
