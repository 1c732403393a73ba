// Command bench measures Plaza and prints Markdown tables: go run ./bench [name ...]; without names, everything.
// Where there is a rival it runs beside Plaza in the same run, and the ratio is printed. With -lab it measures in the lab
// that `make lab` raises, beside the stock services there: go run ./bench -lab [name ...].
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"sort"
	"strings"
	"syscall"
)

// bench is one measurement: it prints its table.
type bench struct {
	doc string
	run func(ctx context.Context) error
}

// benches are registered by the files of this folder, one each.
var benches = map[string]bench{}

var (
	profile = flag.String("cpuprofile", "", "write a CPU profile to this file")
	quick   = flag.Bool("quick", false, "fewer and shorter runs, for a first look")
	gateway = flag.String("profile-gateway", "", "measure nothing, but write a CPU profile of dpathd's gateway to this file")
	inLab   = flag.Bool("lab", false, "measure in the lab; raise it first: make lab")
)

func main() {
	flag.Usage = usage
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./bench [flags] [name ...]")
	for _, name := range names(benches) {
		fmt.Fprintf(os.Stderr, "  %-8s %s\n", name, benches[name].doc)
	}
	fmt.Fprintln(os.Stderr, "with -lab:")
	for _, name := range names(labBenches) {
		fmt.Fprintf(os.Stderr, "  %-8s %s\n", name, labBenches[name].doc)
	}
	flag.PrintDefaults()
}

func names[T any](of map[string]T) []string {
	out := make([]string, 0, len(of))
	for name := range of {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

func run(chosen []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer stopPostgres()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if *gateway != "" {
		return profileGateway(ctx, *gateway)
	}
	if *inLab {
		return runLab(ctx, chosen)
	}
	if len(chosen) == 0 {
		chosen = names(benches)
	}
	for _, name := range chosen {
		b, ok := benches[name]
		if !ok {
			return fmt.Errorf("there is no %q; there are %s", name, strings.Join(names(benches), ", "))
		}
		fmt.Printf("\n## %s: %s\n\n", name, b.doc)
		if err := b.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
