package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func init() {
	benches["portal"] = bench{"what a user of the portal waits for, in Chromium: the first page with the CPU throttled four times, a filter of 100,000 servers (targets: ≤ 1.5 s, ≤ 200 ms)", benchPortal}
}

// waits are what portal/e2e/speed.mjs measured, in milliseconds.
type waits struct {
	First   struct{ Cold, Warm []firstPage }
	Filters struct{ Few, All []float64 }
}

type firstPage struct{ Shown, Answered float64 }

func benchPortal(ctx context.Context) error {
	size, rounds := 100_000, 11
	if *quick {
		size, rounds = 10_000, 3
	}
	if _, err := os.Stat("portal/dist/index.html"); err != nil {
		return fmt.Errorf("the portal is not built: make portal: %w", err)
	}
	dir, err := os.MkdirTemp("", "plaza-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plazad, err := build(ctx, dir, "plazad", false)
	if err != nil {
		return err
	}
	p, admin, err := startStored(ctx, plazad, filepath.Join(dir, "state"), size)
	if err != nil {
		return err
	}
	defer p.stop()
	seen, err := browse(ctx, p.base, admin.password, rounds)
	if err != nil {
		return err
	}
	seen.print(size, rounds)
	return nil
}

// browse lets a browser use the portal; what it says goes to us, what fails in it is told.
func browse(ctx context.Context, base, password string, rounds int) (seen waits, err error) {
	cmd := exec.CommandContext(ctx, "node", "portal/e2e/speed.mjs")
	cmd.Env = append(os.Environ(), "PLAZA_URL="+base, "PLAZA_PASSWORD="+password, fmt.Sprint("PLAZA_ROUNDS=", rounds))
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return seen, fmt.Errorf("the browser: %w: %.2000s", err, failed.Bytes())
	}
	return seen, json.Unmarshal(out, &seen)
}

func (w waits) print(size, rounds int) {
	fmt.Printf("%d rounds, Chromium and plazad on the same two cores, %d servers stored. Interactive: the overview stands with its figures, the stream is open, and a button is answered. Cached: with what Chromium compiled before.\n\n", rounds, size)
	fmt.Println("| what | median | worst |")
	fmt.Println("|---|---:|---:|")
	for _, of := range []struct {
		what  string
		pages []firstPage
	}{{"first page, nothing cached, CPU throttled 4 times", w.First.Cold}, {"first page, cached, CPU throttled 4 times", w.First.Warm}} {
		shown, answered := make([]float64, len(of.pages)), make([]float64, len(of.pages))
		for i, p := range of.pages {
			shown[i], answered[i] = p.Shown, p.Answered
		}
		row(of.what+": it stands", shown)
		row(of.what+": **interactive**", answered)
	}
	row("a search that one server answers, from Enter to its row", w.Filters.Few)
	row("a search taken back, from Enter to 50 rows of all", w.Filters.All)
}

func row(what string, samples []float64) {
	took := make([]time.Duration, len(samples))
	for i, ms := range samples {
		took[i] = time.Duration(ms * float64(time.Millisecond))
	}
	fmt.Printf("| %s | %s | %s |\n", what, milliseconds(median(took)), milliseconds(quantile(took, 1)))
}
