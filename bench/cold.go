package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func init() {
	benches["cold"] = bench{"plaza server list as a new process each time, beside curl of the same list (target: ≤ 50 ms with 1,000 servers)", benchCold}
}

func benchCold(ctx context.Context) error {
	sizes, rounds := []int{100, 1_000}, 101
	if *quick {
		sizes, rounds = []int{100}, 11
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
	cli, err := build(ctx, dir, "plaza", false)
	if err != nil {
		return err
	}
	fmt.Printf("Each figure is the wall time of a process, from its start to its end, %d rounds in turn. Both read one page of all servers; plaza makes a table\n", rounds)
	fmt.Println("of it. `plaza --version` asks nobody: it shows what the start alone takes.")
	fmt.Println()
	fmt.Println("| servers | `plaza server list --all` p50 | p99 | `curl` p50 | p99 | times `curl` | `plaza --version` p50 |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|")
	for _, size := range sizes {
		if err := coldOf(ctx, plazad, cli, filepath.Join(dir, fmt.Sprint("state-", size)), size, rounds); err != nil {
			return err
		}
	}
	return nil
}

func coldOf(ctx context.Context, plazad, cli, state string, size, rounds int) error {
	p, admin, err := startStored(ctx, plazad, state, size)
	if err != nil {
		return err
	}
	defer p.stop()
	var ours, theirs, alone []time.Duration
	for round := range rounds + 3 {
		list, err := plazaList(ctx, cli, state, p.base, admin.token, size)
		if err != nil {
			return err
		}
		curl, err := curlList(ctx, p.base, admin.token, size)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := exec.CommandContext(ctx, cli, "--version").Run(); err != nil {
			return err
		}
		if took := time.Since(began); round >= 3 { // the first ones bring files into memory
			ours, theirs, alone = append(ours, list), append(theirs, curl), append(alone, took)
		}
	}
	fmt.Printf("| %d | **%s** | %s | %s | %s | %.1f | %s |\n", size, milliseconds(median(ours)), milliseconds(quantile(ours, 0.99)),
		milliseconds(median(theirs)), milliseconds(quantile(theirs, 0.99)), float64(median(ours))/float64(median(theirs)), milliseconds(median(alone)))
	return nil
}

// curlList is the wall time of a curl that reads the same page.
func curlList(ctx context.Context, base, token string, n int) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, "curl", "--silent", "--show-error", "--fail", "--header", "Authorization: Bearer "+token, base+"/v1/servers?limit=1000")
	began := time.Now()
	out, err := cmd.Output()
	took := time.Since(began)
	if err == nil && bytes.Count(out, []byte(`"kind":"server"`)) != n {
		err = fmt.Errorf("it reads %d servers", bytes.Count(out, []byte(`"kind":"server"`)))
	}
	if err != nil {
		return 0, fmt.Errorf("curl: %w: %.300s", err, out)
	}
	return took, nil
}
