package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

func init() {
	benches["apply"] = bench{"resource.Apply per second (create: state, quota, usage, audit, event, operation, job), beside one plain INSERT and COMMIT per call", benchApply}
}

func benchApply(ctx context.Context) error {
	runs, span := 5, 2*time.Second
	if *quick {
		runs, span = 1, time.Second
	}
	fmt.Println("| callers | projects | SQLite Apply/s | PostgreSQL Apply/s | plain INSERT/s | Apply ÷ INSERT |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|")
	for _, projects := range []int{1, 64} {
		for _, callers := range []int{1, 16, 64, 256} {
			var lite, pg, plain []float64
			for range runs {
				l, err := applyRate(ctx, store.SQLite, callers, projects, span)
				if err != nil {
					return err
				}
				p, err := applyRate(ctx, store.Postgres, callers, projects, span)
				if err != nil {
					return err
				}
				i, err := insertRate(ctx, callers, span)
				if err != nil {
					return err
				}
				lite, pg, plain = append(lite, l), append(pg, p), append(plain, i)
			}
			fmt.Printf("| %d | %d | %.0f | %.0f | %.0f | %.2f |\n", callers, projects, median(lite), median(pg), median(plain), median(pg)/median(plain))
		}
	}
	return nil
}

// rate calls f from so many callers for a while and returns how often it came back per second.
func rate(ctx context.Context, callers int, span time.Duration, f func(ctx context.Context, caller, n int) error) (float64, error) {
	var done atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, callers)
	began := time.Now()
	for c := range callers {
		wg.Go(func() {
			for n := 0; time.Since(began) < span && ctx.Err() == nil; n++ {
				if errs[c] = f(ctx, c, n); errs[c] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(errors.Join(errs...), ctx.Err())
}

func applyRate(ctx context.Context, d store.Dialect, callers, projects int, span time.Duration) (float64, error) {
	k, err := newKernel(ctx, d)
	if err != nil {
		return 0, err
	}
	defer k.close()
	for p := range projects {
		if err := k.SetQuota(ctx, resource.System("bench"), fmt.Sprint("p", p), "servers", resource.Hard(1_000_000)); err != nil {
			return 0, err
		}
	}
	return rate(ctx, callers, span, func(ctx context.Context, caller, n int) error {
		_, err := k.Apply(ctx, machineRequest(fmt.Sprint("p", (caller+n)%projects), fmt.Sprintf("m-%d-%d", caller, n)))
		return err
	})
}

// insertRate is what the same server does with one row and one commit per call, on as many connections as Plaza uses.
func insertRate(ctx context.Context, callers int, span time.Duration) (float64, error) {
	url, err := postgresURL(ctx)
	if err != nil {
		return 0, err
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return 0, err
	}
	cfg.MaxConns = 24
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "CREATE TABLE plain (id UUID PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, spec JSONB NOT NULL)"); err != nil {
		return 0, err
	}
	return rate(ctx, callers, span, func(ctx context.Context, caller, n int) error {
		r := machineRequest("p", fmt.Sprintf("m-%d-%d", caller, n))
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO plain VALUES ($1, $2, $3, $4)", resource.NewID(), r.Project, r.Name, string(r.Spec))
			return err
		})
	})
}
