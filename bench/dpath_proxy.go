package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// reverseTo makes this program the plain reverse proxy of Go's library before the given node; what measures starts it so.
const reverseTo = "PLAZA_BENCH_REVERSE_TO"

// laneHeader puts a request into the dedicated environment.
const laneHeader = "X-Lane"

// rival is one of the proxies that are compared, as a process of its own on a loopback address.
type rival struct {
	name, addr string
	lanes      bool // it tells traffic apart
	cmd        *exec.Cmd
}

// used is the processor time the process has had so far.
func (r *rival) used() time.Duration {
	if r.cmd == nil {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, hundredths of a second
		n, _ := strconv.ParseInt(f, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func (r *rival) stop() {
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
	}
}

// startNodes gives a folder for what stands before them, and the addresses of a public and a dedicated node. end stops and
// removes all of it, also when there is an error.
func startNodes() (dir string, nodes [2]string, end func(), err error) {
	var ends []func()
	end = func() {
		for _, f := range ends {
			f()
		}
	}
	if dir, err = os.MkdirTemp("", "plaza-bench"); err != nil {
		return dir, nodes, end, err
	}
	ends = append(ends, func() { _ = os.RemoveAll(dir) })
	for i := range nodes {
		var stop func()
		if nodes[i], stop, err = listen(page); err != nil {
			return dir, nodes, end, err
		}
		ends = append(ends, stop)
	}
	return dir, nodes, end, nil
}

// startRivals starts dpathd, HAProxy twice and the library's proxy before the same two nodes.
func startRivals(ctx context.Context, dir, public, dedicated string) (all []*rival, err error) {
	all = append(all, &rival{name: "no proxy", addr: public})
	binary, err := build(ctx, dir, "dpathd", false, "-pgo=cmd/dpathd/cpu.pgo") // as make build does
	if err != nil {
		return all, err
	}
	if err := writeGateway(dir, public, dedicated, ""); err != nil {
		return all, err
	}
	for _, start := range []func() (*rival, error){
		func() (*rival, error) { return startDpathd(ctx, dir, binary) },
		func() (*rival, error) { return startHAProxy(ctx, dir, public, dedicated) },
		func() (*rival, error) { return startSigning(ctx, dir, binary) },
		func() (*rival, error) { return startReverse(ctx, public) },
	} {
		r, err := start()
		if err != nil {
			return all, err
		}
		all = append(all, r)
		if err := awaitAnswer(ctx, r.addr); err != nil {
			return all, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return all, nil
}

func stopRivals(all []*rival) {
	for _, r := range all {
		r.stop()
	}
}

func launch(ctx context.Context, r *rival, env []string, program string, args ...string) (*rival, error) {
	r.cmd = exec.CommandContext(ctx, program, args...)
	r.cmd.Env = append(os.Environ(), env...)
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	return r, nil
}

// writeGateway writes dpathd's files: one app, and an environment with a node of its own.
func writeGateway(dir, public, dedicated, admin string) error {
	rules := dpath.Document{Enable: true, Version: 1, EntryApps: []string{"shop"},
		EnvRules: []dpath.EnvRule{{EnvName: "vip", EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: []string{dedicated}}}}},
		Identify: []dpath.IdentifyRule{{EnvName: "vip", Conditions: []dpath.Condition{{Type: "header", Key: laneHeader, Op: "present"}}}}}
	for name, v := range map[string]any{
		"rules.json": rules,
		"keys.yaml":  map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString([]byte("a key for measuring"))}},
		"dpathd.yaml": map[string]any{"rules": "rules.json", "keys": "keys.yaml", "admin": admin, "routes": []map[string]string{{"prefix": "/", "app": "shop"}},
			"registry": map[string]any{"apps": map[string]any{"shop": []dpath.Endpoint{{ID: "public", Addr: public}, {ID: "vip", Addr: dedicated}}}}},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func startDpathd(ctx context.Context, dir, binary string) (*rival, error) {
	r := &rival{name: "dpathd gateway", addr: freeAddress(), lanes: true}
	return launch(ctx, r, nil, binary, "gateway", "--config", filepath.Join(dir, "dpathd.yaml"), "--listen", r.addr)
}

// haproxyText is the nearest HAProxy comes to it by hand: a header chooses the backend, nodes are checked as dpathd does.
const haproxyText = `global
    maxconn 4096
defaults
    mode http
    timeout connect 1s
    timeout client 2m
    timeout server 1m
    timeout http-request 10s
    default-server check inter 2s fall 3 rise 1
    option httpchk GET /healthz
    option forwardfor
frontend in
    bind %s
    http-request del-header X-Dpath-Env
    http-request set-header X-Dpath-Env vip if { req.hdr(%s) -m found }
    use_backend vip if { req.hdr(%s) -m found }
    default_backend public
backend public
    balance leastconn
    server public %s
backend vip
    balance leastconn
    server vip %s
`

func startHAProxy(ctx context.Context, dir, public, dedicated string) (*rival, error) {
	r, path := &rival{name: "HAProxy", addr: freeAddress(), lanes: true}, filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(path, fmt.Appendf(nil, haproxyText, r.addr, laneHeader, laneHeader, public, dedicated), 0o600); err != nil {
		return nil, err
	}
	return launch(ctx, r, nil, "haproxy", "-db", "-q", "-f", path)
}

// startSigning starts HAProxy as dpathd would have it, with labels taken away and signed.
func startSigning(ctx context.Context, dir, binary string) (*rival, error) {
	r, path := &rival{name: "HAProxy by dpathd haproxy", addr: freeAddress(), lanes: true}, filepath.Join(dir, "signing.cfg")
	text, err := exec.CommandContext(ctx, binary, "haproxy", "--config", filepath.Join(dir, "dpathd.yaml"), "--listen", r.addr).Output()
	if err != nil {
		return nil, fmt.Errorf("dpathd haproxy: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	return launch(ctx, r, nil, "haproxy", "-db", "-q", "-f", path)
}

func startReverse(ctx context.Context, public string) (*rival, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := &rival{name: "httputil.ReverseProxy", addr: freeAddress()}
	return launch(ctx, r, []string{reverseTo + "=" + r.addr + "=" + public}, self, "dpath")
}

// serveReverse is the rival in its own process.
func serveReverse(spec string) error {
	addr, to, _ := strings.Cut(spec, "=")
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 128 // with the library's two it would mostly dial
	proxy := &httputil.ReverseProxy{Transport: t, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: to})
		p.SetXForwarded()
	}}
	s := &http.Server{Addr: addr, Handler: proxy, ReadHeaderTimeout: 10 * time.Second}
	return s.ListenAndServe()
}

func awaitAnswer(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(resp.Status)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// drive sends requests over so many kept connections for a time. It speaks HTTP by hand, so that it costs little beside
// what is measured, but reads each answer whole.
func drive(ctx context.Context, addr, header string, conns int, d time.Duration) (times []time.Duration, err error) {
	request := "GET /v1/products?page=2 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: bench\r\nAccept: application/json\r\n" + header + "\r\n"
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range conns {
		wg.Go(func() {
			own, e := driveOne(ctx, addr, request, d)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
			err = errors.Join(err, e)
		})
	}
	wg.Wait()
	return times, err
}

func driveOne(ctx context.Context, addr, request string, d time.Duration) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var times []time.Duration
	in := bufio.NewReader(conn)
	began := time.Now()
	for until := began.Add(d); began.Before(until); {
		if _, err := io.WriteString(conn, request); err != nil {
			return nil, err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %w", resp.Status, err)
		}
		now := time.Now()
		times = append(times, now.Sub(began))
		began = now
	}
	return times, nil
}
