package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/dpath/gateway/front"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// verifyConfig is the configuration file of a verifier, YAML or JSON. Relative
// paths in it are relative to the file.
type verifyConfig struct {
	// Entry is the URL of the entry; Paths are called there by GET. Without both, Queues alone are verified.
	Entry string   `yaml:"entry"`
	Paths []string `yaml:"paths"`
	// Queues are asynchronous paths. Work in them has labels, so Keys names the file with the label keys.
	Queues []queueConfig `yaml:"queues"`
	Keys   string        `yaml:"keys"`
	// Envs are the environments whose paths are verified.
	Envs []string `yaml:"envs"`
	// ProbeKeys is the path of the file with the keys of probes.
	ProbeKeys string `yaml:"probeKeys"`
	// Every is the pause between rounds, Probes how many of them each round has
	// for common calls and for each environment, Window how many of the last
	// ones the state is told from; see [verify.WatchOptions].
	Every  time.Duration `yaml:"every"`
	Probes int           `yaml:"probes"`
	Window int           `yaml:"window"`
	// Control is after how many rounds protections are switched off for some
	// probes, less than 0 for never.
	Control int `yaml:"control"`
	// Patience is after how many rounds without an answer the state is unknown.
	Patience int         `yaml:"patience"`
	Alarm    alarmConfig `yaml:"alarm"`
	// Listen is the address of metrics and reports; empty means 127.0.0.1:9902.
	Listen string `yaml:"listen"`
}

// alarmConfig says who is told when the state changes.
type alarmConfig struct {
	// Webhook is sent each change by POST: https, or http on loopback.
	Webhook string `yaml:"webhook"`
}

func readVerifyConfig(path string) (*verifyConfig, error) {
	c := &verifyConfig{}
	if err := readYAML(path, c); err != nil {
		return nil, err
	}
	if c.ProbeKeys == "" {
		return nil, fmt.Errorf("%s: probeKeys is missing; name the file with the keys that gateways and sidecars have under that name", path)
	}
	files := []*string{&c.ProbeKeys, &c.Keys}
	for i := range c.Queues {
		if err := c.Queues[i].check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, c.Queues[i].paths()...)
	}
	if len(c.Queues) > 0 && c.Keys == "" {
		return nil, fmt.Errorf("%s: keys is missing; name the file with the label keys, by which work in queues is labelled", path)
	}
	relativeTo(path, files...)
	if u := c.Alarm.Webhook; u != "" {
		hook, err := url.Parse(u)
		if err != nil || hook.Host == "" || hook.Scheme != "https" && (hook.Scheme != "http" || !loopback(hook.Hostname())) {
			return nil, fmt.Errorf("%s: alarm.webhook must be an https URL, or http on a loopback address", path)
		}
	}
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:9902")
	return c, nil
}

func newVerifyCommand() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove without end that the dedicated paths hold, and raise an alarm when they do not",
		Long: `Prove without end that the dedicated paths hold, and raise an alarm when they do not.

A low and steady stream of signed probes goes through the entry, and as work into
the lanes of queues; each comes back with the trail of the nodes that served it. The state is told from the last
ones: ok; alarm, when a guarantee was broken; unknown, when probes do not come
back; blind, when a control with protections off found nothing. A change is
logged and sent to the webhook of the file. The file's listen address serves
/metrics, /report as a page and /report.json.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runVerify(c.Context(), config, slog.New(slog.NewTextHandler(os.Stderr, nil)), nil)
		},
	}
	c.Flags().StringVar(&config, "config", "", "configuration file (YAML or JSON)")
	_ = c.MarkFlagRequired("config")
	return c
}

// runVerify verifies until ctx ends. ready, if not nil, is told the address of reports.
func runVerify(ctx context.Context, path string, log *slog.Logger, ready func(map[string]string)) error {
	c, err := readVerifyConfig(path)
	if err != nil {
		return err
	}
	keys, err := readKeys(c.ProbeKeys)
	if err != nil {
		return err
	}
	queues, end, err := c.connect(log)
	defer end()
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	alarm := newAlarm(c, log)
	watcher, err := verify.NewWatcher(verify.WatchOptions{
		Options: verify.Options{Entry: c.Entry, Paths: c.Paths, Queues: queues, Envs: c.Envs, Common: c.Probes, Labelled: c.Probes, Key: keys},
		Every:   c.Every, Window: c.Window, Canary: c.Control, Patience: c.Patience, Tell: alarm.tell, Registerer: registry, Log: log,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	socket, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for reports: %w", err)
	}
	server := front.New(front.Options{Handler: reports(watcher, registry), HeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, Log: log})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	failed := make(chan error, 1)
	all.Go(func() { failed <- server.Serve(socket) })
	all.Go(func() { watcher.Run(ctx) })
	all.Go(func() { alarm.run(ctx) })
	if ready != nil {
		ready(map[string]string{"verify": socket.Addr().String()})
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	cancel()
	stop([]*front.Server{server})
	all.Wait()
	return err
}

// reports answers metrics, and what the window holds as evidence.
func reports(w *verify.Watcher, registry *prometheus.Registry) http.Handler {
	host, _ := os.Hostname()
	evidence := func() verify.Evidence {
		e := w.Evidence()
		e.Sender = fmt.Sprintf("%s, dpathd %s", cmp.Or(host, "unknown host"), version)
		return e
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		_ = evidence().WriteHTML(w)
	})
	mux.HandleFunc("GET /report.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(evidence())
	})
	return mux
}
