package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

func init() {
	labBenches["list"] = labBench{"lists of 100 and 1,000 servers by the command line clients and by the APIs (targets: plaza server list ≥ 50, GET /v1/servers ≥ 100 times less)", labList}
}

//go:embed lab_rows.py
var rowsOfServers string

// ordered is how many servers are ordered through Plaza; the others, up to many, are rows in the databases, for an order takes
// a cloud on two cores some seconds.
const ordered, many = 100, 1000

func labList(ctx context.Context, s *labSite) error {
	real, all, rounds := ordered, many, 7
	if *quick {
		real, all, rounds = 5, 20, 2
	}
	t, err := s.warm(ctx)
	if err != nil {
		return err
	}
	base := len(s.undo)
	if err := s.startFakes(ctx, t.project); err != nil {
		return err
	}
	fmt.Printf("Servers are on %d nova-compute with the driver fake.FakeDriver, which run no guests; of those ordered through Plaza Nova puts some on real ones. Nova is asked by `openstack server list` of Debian 12 on the control node and by\n", len(s.lab.computes()))
	fmt.Printf("GET /servers/detail?limit=1000 (microversion %s), Plaza by `plaza server list` and GET /v1/servers?limit=1000. %d rounds in turn, medians.\n\n", microversion, rounds)
	took, err := s.orderMany(ctx, real)
	if err != nil {
		return err
	}
	fmt.Printf("With %d servers, all ordered through Plaza (in %s, %.2f a second): the same servers for both.\n\n", real, seconds(took), float64(real)/took.Seconds())
	if err := s.compareLists(ctx, s.plane.base, s.token, t, real, rounds); err != nil {
		return err
	}
	if err = s.novaMany(ctx, t, all-real); err != nil {
		return err
	}
	fmt.Printf("\nWith %d servers: in Nova's databases %d more are rows copied from one that was ordered, without ports; Plaza has as many rows in the database of a plazad of their own,\n", all, all-real)
	fmt.Println("with the spec, status and conditions of settled servers; its list does not ask the cloud in either case.")
	fmt.Println()
	stored, admin, err := startStored(ctx, s.plazad, filepath.Join(s.dir, "stored"), all)
	if err != nil {
		return err
	}
	err = s.compareLists(ctx, stored.base, admin.token, t, all, rounds)
	stored.stop()
	return errors.Join(err, s.undoTo(ctx, base))
}

// undoTo undoes what was put on the list after the first n.
func (s *labSite) undoTo(ctx context.Context, n int) error {
	var failed error
	for len(s.undo) > n {
		last := s.undo[len(s.undo)-1]
		s.undo = s.undo[:len(s.undo)-1]
		failed = errors.Join(failed, last(ctx))
	}
	return failed
}

// orderMany orders servers through Plaza and waits until all run.
func (s *labSite) orderMany(ctx context.Context, n int) (time.Duration, error) {
	s.undo = append(s.undo, func(ctx context.Context) error { return s.emptyOf(ctx, "servers") })
	began := time.Now()
	for i := range n {
		if _, err := s.order(ctx, fmt.Sprint("many-", i)); err != nil {
			return 0, err
		}
	}
	last := -1
	err := poll(ctx, time.Second, 30*time.Minute, "all servers to run", func() (bool, error) {
		var page struct{ Items []labServer }
		if err := s.call(ctx, http.MethodGet, "/v1/servers?limit=1000", nil, &page); err != nil {
			return false, err
		}
		up := 0
		for _, o := range page.Items {
			if o.runs() {
				up++
			}
			if o.Phase == "Failed" {
				return false, fmt.Errorf("server %s failed: %v", o.Name, o.Conditions)
			}
		}
		if up/10 != last/10 {
			progress("list: %d of %d servers run", up, n)
		}
		last = up
		return up >= n, nil
	})
	return time.Since(began), err
}

// novaMany puts n servers into Nova's databases, as copies of one that was ordered. Nova's own building of them takes hours: with
// each a nova-compute asks Placement for the allocations of all that it has.
func (s *labSite) novaMany(ctx context.Context, t *twin, n int) error {
	progress("list: putting %d servers into Nova's databases", n)
	s.undo = append(s.undo, func(ctx context.Context) error { return s.rows(ctx, "remove") })
	return s.rows(ctx, fmt.Sprint("add ", t.project, " ", n))
}

func (s *labSite) rows(ctx context.Context, what string) error {
	_, err := s.lab.shell(ctx, s.lab.control(), "python3 - "+what+" <<'PYTHON'\n"+rowsOfServers+"PYTHON")
	return err
}

// compareLists prints how long each way takes to list n servers; every answer must hold them all.
func (s *labSite) compareLists(ctx context.Context, base, token string, t *twin, n, rounds int) error {
	nova, err := t.cloud.compute()
	if err != nil {
		return err
	}
	var ways [4][]time.Duration
	for round := range rounds {
		progress("list: %d servers, round %d of %d", n, round+1, rounds)
		for i, way := range []func() (time.Duration, error){
			func() (time.Duration, error) { return plazaList(ctx, s.cli, s.dir, base, token, n) },
			func() (time.Duration, error) { return s.openstackList(ctx, t, n) },
			func() (time.Duration, error) {
				return getList(ctx, base+"/v1/servers?limit=1000", map[string]string{"Authorization": "Bearer " + token}, n, `"kind":"server"`)
			},
			func() (time.Duration, error) {
				return getList(ctx, nova.ServiceURL("servers", "detail")+"?limit=1000", map[string]string{"X-Auth-Token": t.cloud.Token(), "X-OpenStack-Nova-API-Version": microversion}, n, `"hostId"`)
			},
		} {
			took, err := way()
			if err != nil {
				return err
			}
			ways[i] = append(ways[i], took)
		}
	}
	fmt.Println("| | Plaza | OpenStack | times less | load |")
	fmt.Println("|---|---:|---:|---:|---:|")
	for i, what := range []string{"command line client", "API"} {
		p, o := median(ways[2*i]), median(ways[2*i+1])
		fmt.Printf("| %s, %d servers | %s | %s | **%.0f** | %s |\n", what, n, milliseconds(p), milliseconds(o), ratio(o, p), load())
	}
	return nil
}

// plazaList is the wall time of the process plaza server list.
func plazaList(ctx context.Context, cli, home, base, token string, n int) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, cli, "--server", base, "server", "list", "--all")
	cmd.Env = append(os.Environ(), "PLAZA_TOKEN="+token, "HOME="+home, "XDG_CONFIG_HOME="+home)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err == nil && bytes.Count(out, []byte("\n")) != n+1 {
		err = fmt.Errorf("it shows %d lines", bytes.Count(out, []byte("\n")))
	}
	if err != nil {
		return 0, fmt.Errorf("plaza server list: %w: %.300s", err, out)
	}
	return took, nil
}

// openstackList is the wall time of the process openstack server list, measured on its own machine.
func (s *labSite) openstackList(ctx context.Context, t *twin, n int) (time.Duration, error) {
	rc, err := os.ReadFile(filepath.Join(s.lab.dir, "openrc"))
	if err != nil {
		return 0, err
	}
	out, err := s.lab.shell(ctx, s.lab.control(), string(rc)+"unset OS_PROJECT_NAME OS_PROJECT_DOMAIN_NAME\nexport OS_PROJECT_ID="+t.project+`
began=$(date +%s%N)
lines=$(openstack server list -f value -c ID | wc -l)
ended=$(date +%s%N)
echo $lines $(( (ended - began) / 1000 ))`)
	if err != nil {
		return 0, err
	}
	var lines, micros int64
	if _, err := fmt.Sscan(out, &lines, &micros); err != nil || lines != int64(n) {
		return 0, fmt.Errorf("openstack server list shows %d servers, not %d: %q: %w", lines, n, out, err)
	}
	return time.Duration(micros) * time.Microsecond, nil
}

// getList is how long a list takes until it is read whole; mark is in it once for each server.
func getList(ctx context.Context, url string, header map[string]string, n int, mark string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	if found := bytes.Count(text, []byte(mark)); resp.StatusCode != http.StatusOK || found != n {
		return 0, errors.New(url + ": " + resp.Status + " with " + strconv.Itoa(found) + " servers, not " + strconv.Itoa(n))
	}
	return took, nil
}
