package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
)

func init() {
	labBenches["outside"] = labBench{"a server is stopped with Nova's own API: from Nova's acceptance until GET /v1/servers shows it (target: ≤ 2 s)", labOutside}
}

func labOutside(ctx context.Context, s *labSite) error {
	runs := 5
	if *quick {
		runs = 1
	}
	o, err := s.order(ctx, "outside")
	if err != nil {
		return err
	}
	if err := s.running(ctx, o.ID); err != nil {
		return err
	}
	t, err := s.twinOf(ctx, o.ID)
	if err != nil {
		return err
	}
	if s.first == nil {
		s.first = t
	}
	fmt.Println("Plaza hears of it from the cloud's message bus, and starts the server again.")
	fmt.Println()
	fmt.Println("| run | Nova accepts | shown after | as | running again after | load |")
	fmt.Println("|---:|---:|---:|---|---:|---:|")
	var all []time.Duration
	for i := range runs {
		progress("outside: run %d of %d", i+1, runs)
		took, err := s.stopOutside(ctx, t, o.ID, i)
		if err != nil {
			return err
		}
		all = append(all, took)
	}
	fmt.Printf("| median | | **%s** | | | |\n", milliseconds(median(all)))
	return s.drop(ctx, o.ID)
}

// stopOutside stops the server behind Plaza's back and waits until Plaza shows it, and has it back.
func (s *labSite) stopOutside(ctx context.Context, t *twin, id string, run int) (time.Duration, error) {
	if err := s.running(ctx, id); err != nil {
		return 0, err
	}
	before, _, err := s.seen(ctx, id)
	if err != nil {
		return 0, err
	}
	nova, err := s.admin.compute()
	if err != nil {
		return 0, err
	}
	asked := time.Now()
	if err := servers.Stop(ctx, nova, t.server).ExtractErr(); err != nil {
		return 0, fmt.Errorf("stop the server: %w", err)
	}
	accepted := time.Now()
	var shown time.Duration
	var as string
	if err := poll(ctx, 10*time.Millisecond, time.Minute, "the stop to show", func() (bool, error) {
		now, text, err := s.seen(ctx, id)
		shown, as = time.Since(accepted), text
		return now != before, err
	}); err != nil {
		return 0, err
	}
	if err := s.running(ctx, id); err != nil {
		return 0, err
	}
	fmt.Printf("| %d | %s | %s | %s | %s | %s |\n", run+1, milliseconds(accepted.Sub(asked)), milliseconds(shown), as, seconds(time.Since(accepted)), load())
	return shown, nil
}

// seen is what the list shows of the server; text tells it to people.
func (s *labSite) seen(ctx context.Context, id string) (state, text string, err error) {
	var page struct{ Items []labServer }
	if err := s.call(ctx, http.MethodGet, "/v1/servers", nil, &page); err != nil {
		return "", "", err
	}
	for _, o := range page.Items {
		if o.ID == id {
			text = o.Phase + ", power " + o.Status.Power
			return text + o.Status.Since, text, nil
		}
	}
	return "", "", fmt.Errorf("server %s is not in the list", id)
}

// poll tries until done, a failure or the limit.
func poll(ctx context.Context, every, limit time.Duration, what string, f func() (bool, error)) error {
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(every) {
		if done, err := f(); done || err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("waiting for %s: %w", what, err)
	}
	return fmt.Errorf("waited %s for %s", limit, what)
}
