package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// machineSpec and machineStatus have the size of a real server's.
type machineSpec struct {
	Flavor   string   `json:"flavor"`
	Image    string   `json:"image"`
	VCPUs    int64    `json:"vcpus"`
	RAM      int64    `json:"ramMiB"`
	Disk     int64    `json:"diskGiB"`
	Networks []string `json:"networks"`
	UserData string   `json:"userData,omitempty"`
}

type machineStatus struct {
	Host      string   `json:"host,omitempty"`
	Power     string   `json:"power,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
}

type machineObject = resource.Object[machineSpec, machineStatus]

// kernel is a store with an engine and one kind, machine, whose passes are answered at once.
type kernel struct {
	*resource.Store
	db     *store.DB
	engine *operation.Engine
	dir    string
	passed func(id string)
}

func newKernel(ctx context.Context, d store.Dialect) (*kernel, error) {
	k := &kernel{}
	url, err := postgresAddress(ctx, d, k)
	if err != nil {
		return nil, err
	}
	if k.db, err = store.Open(ctx, url); err != nil {
		return nil, err
	}
	if err := k.db.Migrate(ctx); err != nil {
		return nil, err
	}
	reg := resource.NewRegistry()
	resource.Register(reg, k.machine())
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	sealer, err := resource.NewSealer(key)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	k.Store = resource.NewStore(resource.Config{DB: k.db, Registry: reg, Sealer: sealer, Log: quiet})
	k.engine, err = operation.New(ctx, operation.Config{DB: k.db, Objects: k.Store, Node: "bench", Log: quiet})
	k.UseJobs(k.engine)
	return k, err
}

func postgresAddress(ctx context.Context, d store.Dialect, k *kernel) (string, error) {
	if d == store.Postgres {
		return postgresURL(ctx)
	}
	var err error
	k.dir, err = os.MkdirTemp("", "plaza-bench")
	return "sqlite://" + filepath.Join(k.dir, "plaza.db"), err
}

func (k *kernel) machine() resource.Kind[machineSpec, machineStatus] {
	return resource.Kind[machineSpec, machineStatus]{Name: "machine", Plural: "machines", Indexed: []string{"spec.flavor", "status.host"},
		Charge: func(o *machineObject) resource.Charges {
			return resource.Charges{"servers": 1, "vcpus": o.Spec.VCPUs, "ram_mib": o.Spec.RAM}
		},
		Meter: func(o *machineObject) resource.Measures {
			return resource.Measures{"vcpus": o.Spec.VCPUs, "ram_mib": o.Spec.RAM}
		},
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *machineObject) (resource.Result, error) {
			if k.passed != nil {
				k.passed(o.ID)
			}
			o.Status = machineStatus{Host: "host-1", Power: "running", Addresses: []string{"10.0.0.9"}}
			return resource.Result{Done: true}, nil
		}}
}

// close stops everything and removes the files of SQLite.
func (k *kernel) close() {
	k.Close()
	_ = k.db.Close()
	if k.dir != "" {
		_ = os.RemoveAll(k.dir)
	}
}

func machineRequest(project, name string) resource.Request {
	return resource.Request{Kind: "machine", Project: project, Name: name, Actor: resource.System("bench"), Mode: resource.CreateOnly, Labels: map[string]string{"tier": "web"},
		Spec: json.RawMessage(`{"flavor":"small","image":"debian-12","vcpus":2,"ramMiB":2048,"diskGiB":20,"networks":["front","back"],"userData":"#cloud-config\npackages: [nginx]\n"}`)}
}

func median[T int64 | float64 | time.Duration](v []T) T {
	s := slices.Clone(v)
	slices.Sort(s)
	return s[len(s)/2]
}

// quantile returns the value below which a share q of the samples lies.
func quantile(v []time.Duration, q float64) time.Duration {
	s := slices.Clone(v)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
