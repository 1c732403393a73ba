package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"golang.org/x/sync/errgroup"
)

func init() {
	labBenches["create"] = labBench{"from the order of a server until it is told to be running, five at a time, through Plaza and through Nova's API (target: ratio ≤ 1.05)", labCreate}
}

const (
	createBatch = 5
	// novaPoll is how often a waiting client asks Nova for a server, which costs Nova a tenth of a second of CPU.
	novaPoll = 500 * time.Millisecond
)

func labCreate(ctx context.Context, s *labSite) error {
	rounds := 4
	if *quick {
		rounds = 1
	}
	t, err := s.warm(ctx)
	if err != nil {
		return err
	}
	fmt.Println("Both make a port on the same network and a server on it, with the same image, flavor and config drive. Plaza's cards have a security group for their rules;")
	fmt.Println("Nova's servers use the project's default group. They are deleted before the next five, and who goes first alternates.")
	fmt.Println()
	fmt.Println("| round | Plaza, all five | Nova, all five | ratio | load |")
	fmt.Println("|---:|---:|---:|---:|---:|")
	var ours, theirs, ourBatch, theirBatch []time.Duration
	for round := range rounds {
		var plaza, nova []time.Duration
		turns := []func() error{
			func() (err error) { plaza, err = s.batchByPlaza(ctx, round); return err },
			func() (err error) { nova, err = t.batch(ctx, fmt.Sprint("bench-", round)); return err },
		}
		for i := range turns {
			progress("create: round %d of %d, turn %d", round+1, rounds, i+1)
			if err := turns[(i+round)%2](); err != nil {
				return err
			}
		}
		ours, theirs = append(ours, plaza...), append(theirs, nova...)
		p, n := quantile(plaza, 1), quantile(nova, 1)
		ourBatch, theirBatch = append(ourBatch, p), append(theirBatch, n)
		fmt.Printf("| %d | %s | %s | %.2f | %s |\n", round+1, seconds(p), seconds(n), float64(p)/float64(n), load())
	}
	fmt.Printf("| median | %s | %s | **%.2f** | |\n", seconds(median(ourBatch)), seconds(median(theirBatch)), float64(median(ourBatch))/float64(median(theirBatch)))
	fmt.Printf("\nOne server of the %d, median: Plaza %s, Nova %s, ratio **%.2f**.\n", len(ours), seconds(median(ours)), seconds(median(theirs)), float64(median(ours))/float64(median(theirs)))
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// batchByPlaza orders servers all at once and returns how long each took; they are deleted.
func (s *labSite) batchByPlaza(ctx context.Context, round int) ([]time.Duration, error) {
	ids, took := make([]string, createBatch), make([]time.Duration, createBatch)
	var g errgroup.Group
	for i := range createBatch {
		g.Go(func() error {
			began := time.Now()
			o, err := s.order(ctx, fmt.Sprintf("bench-%d-%d", round, i))
			if err != nil {
				return err
			}
			ids[i] = o.ID
			err = s.running(ctx, o.ID)
			took[i] = time.Since(began)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return took, s.drop(ctx, ids...)
}

// batch makes servers all at once with the cloud's own API and returns how long each took; they are deleted, come what may.
func (t *twin) batch(ctx context.Context, name string) ([]time.Duration, error) {
	took, made := make([]time.Duration, createBatch), make([]handmade, createBatch)
	var g errgroup.Group
	for i := range createBatch {
		g.Go(func() error {
			began := time.Now()
			err := t.make(ctx, fmt.Sprint(name, "-", i), &made[i])
			took[i] = time.Since(began)
			return err
		})
	}
	err := g.Wait()
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Minute)
	defer cancel()
	for _, h := range made {
		err = errors.Join(err, t.unmake(clean, h))
	}
	return took, err
}

// handmade is a server of Nova and its port.
type handmade struct{ server, port string }

func (t *twin) make(ctx context.Context, name string, h *handmade) error {
	nets, err := t.cloud.network()
	if err != nil {
		return err
	}
	p, err := ports.Create(ctx, nets, ports.CreateOpts{NetworkID: t.network, Name: name, FixedIPs: []ports.IP{{SubnetID: t.subnet, IPAddress: t.address()}}}).Extract()
	if err != nil {
		return fmt.Errorf("make a port: %w", err)
	}
	h.port = p.ID
	nova, err := t.cloud.compute()
	if err != nil {
		return err
	}
	s, err := servers.Create(ctx, nova, servers.CreateOpts{Name: name, FlavorRef: t.flavor, ImageRef: t.image, ConfigDrive: gophercloud.Enabled,
		Networks: []servers.Network{{Port: p.ID}}, Tags: []string{"plaza-bench"}}, nil).Extract()
	if err != nil {
		return fmt.Errorf("make a server: %w", err)
	}
	h.server = s.ID
	for ctx.Err() == nil {
		s, err := servers.Get(ctx, nova, h.server).Extract()
		if err != nil || s.Status == "ERROR" {
			return fmt.Errorf("server %s: %v: %w", name, s, err)
		}
		if s.Status == "ACTIVE" {
			return nil
		}
		time.Sleep(novaPoll)
	}
	return ctx.Err()
}

func (t *twin) unmake(ctx context.Context, h handmade) error {
	nova, err := t.cloud.compute()
	if err != nil {
		return err
	}
	if h.server != "" {
		if err := servers.Delete(ctx, nova, h.server).ExtractErr(); err != nil {
			return err
		}
		if err := await(ctx, 3*time.Minute, "server "+h.server+" to be gone", func() bool {
			_, err := servers.Get(ctx, nova, h.server).Extract()
			return gophercloud.ResponseCodeIs(err, http.StatusNotFound)
		}); err != nil {
			return err
		}
	}
	nets, err := t.cloud.network()
	if err != nil || h.port == "" {
		return err
	}
	if err = ports.Delete(ctx, nets, h.port).ExtractErr(); gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// findCard learns network and subnet from the server's port.
func (t *twin) findCard(ctx context.Context) error {
	nets, err := t.cloud.network()
	if err != nil {
		return err
	}
	pages, err := ports.List(nets, ports.ListOpts{DeviceID: t.server}).AllPages(ctx)
	if err != nil {
		return err
	}
	found, err := ports.ExtractPorts(pages)
	if err != nil || len(found) == 0 || len(found[0].FixedIPs) == 0 {
		return fmt.Errorf("server %s has no port with an address: %w", t.server, err)
	}
	t.network, t.subnet = found[0].NetworkID, found[0].FixedIPs[0].SubnetID
	return nil
}

// address is one of the network that Plaza, which begins at its start, does not come to. Neutron's own pool is small.
func (t *twin) address() string {
	n := t.given.Add(1)
	return fmt.Sprintf("10.96.14.%d", 1+n%250)
}
