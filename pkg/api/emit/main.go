// Command emit writes the OpenAPI document of every kind to openapi.yaml in the package's folder; -check compares only.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/schedule"
)

func main() {
	path := flag.String("o", "openapi.yaml", "file to write")
	check := flag.Bool("check", false, "fail when the file differs, and write nothing")
	flag.Parse()
	if err := run(*path, *check); err != nil {
		fmt.Fprintln(os.Stderr, "emit:", err)
		os.Exit(1)
	}
}

func run(path string, check bool) error {
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	(&bundle.Deployer{}).Register(reg)
	drift.New(drift.Config{}).Register(reg)
	(&request.Desk{}).Register(reg)
	(&runbook.Keeper{}).Register(reg)
	(&schedule.Keeper{}).Register(reg)
	doc, err := api.Document(reg, api.BundleRoutes(&bundle.Planner{}), api.ComputeRoutes(nil), api.StorageRoutes(nil), api.ConsoleRoutes(nil), api.ImageRoutes(nil))
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(path, doc, 0o644) // #nosec G306 -- a source file
	}
	have, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, doc) {
		return fmt.Errorf("%s differs from the code: run go generate ./pkg/api", path)
	}
	return nil
}
