package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

func init() {
	benches["bundle"] = bench{"bundle retail of size XS: four servers, from its order until the shop says that it is well", benchBundle}
}

func benchBundle(ctx context.Context) error {
	runs := 3
	if *quick {
		runs = 1
	}
	s, err := startSite(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.furnish(ctx); err != nil {
		return err
	}
	for name, spec := range map[string]map[string]any{"r1.small": {"vcpus": 1, "memoryMiB": 512, "diskGiB": 2}, "r1.medium": {"vcpus": 2, "memoryMiB": 1024, "diskGiB": 10}} {
		if err := s.call(ctx, http.MethodPost, "/v1/flavors", map[string]any{"name": name, "spec": spec}, nil); err != nil {
			return err
		}
	}
	fmt.Println("| run | servers running | healthy | deleted |")
	fmt.Println("|---:|---:|---:|---:|")
	for i := range runs {
		running, healthy, err := s.deploy(ctx, fmt.Sprint("shop", i))
		if err != nil {
			return err
		}
		began := time.Now()
		if err := s.call(ctx, http.MethodDelete, fmt.Sprintf("/v1/bundles/shop%d?wait=120s&project=%s", i, s.project), nil, nil); err != nil {
			return err
		}
		fmt.Printf("| %d | %s | %s | %s |\n", i+1, milliseconds(running), milliseconds(healthy), milliseconds(time.Since(began)))
	}
	return nil
}

// deploy applies an order and waits; running is when the last server was seen to run.
func (s *site) deploy(ctx context.Context, name string) (running, healthy time.Duration, err error) {
	began := time.Now()
	order := map[string]any{"project": s.project, "name": name, "blueprint": "retail", "size": "XS", "parameters": map[string]any{"image": "appliance"}}
	if err := s.call(ctx, http.MethodPost, "/v1/bundles/apply", order, nil); err != nil {
		return 0, 0, err
	}
	err = await(ctx, 5*time.Minute, "the bundle to be healthy", func() bool {
		var page struct{ Items []struct{ Phase string } }
		if running == 0 && s.call(ctx, http.MethodGet, "/v1/servers?phase=Ready&project="+s.project, nil, &page) == nil && len(page.Items) == 4 {
			running = time.Since(began)
		}
		var b struct{ Phase string }
		return s.call(ctx, http.MethodGet, "/v1/bundles/"+name+"?project="+s.project, nil, &b) == nil && b.Phase == "Ready"
	})
	return running, time.Since(began), err
}
