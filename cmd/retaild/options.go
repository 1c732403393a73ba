package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
)

// nodeOptions say where a process stands and what it shares with the platform.
type nodeOptions struct {
	listen, advertise, node, env string
	dpath                        string
	peers                        []string
	secret, logLevel             string
}

func (o *nodeOptions) AddFlags(cmd *cobra.Command) {
	host, _ := os.Hostname()
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&o.advertise, "advertise", "", "ip:port of this node in the registry; found by --node if empty")
	f.StringVar(&o.node, "node", host, "id of this node in the registry")
	f.StringVar(&o.env, "env", "", "environment this node is meant to be dedicated to; empty for a public node")
	f.StringVar(&o.dpath, "dpath", "", "file with the Dpath document and the registry (JSON); reread when it changes")
	f.StringArrayVar(&o.peers, "peer", nil, "app=ip:port[,ip:port]: nodes of an app, where there is no --dpath file; repeatable, or separated by spaces")
	addSecret(cmd, &o.secret)
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
}

func addSecret(cmd *cobra.Command, secret *string) {
	cmd.Flags().StringVar(secret, "secret", "", "the platform's secret: database logins, quotes, callbacks and labels have keys derived from it; prefer the environment")
}

func (o *nodeOptions) check() error {
	if len(o.secret) < 16 {
		return errors.New("the platform's secret needs 16 characters or more: set PLAZA_RETAIL_SECRET")
	}
	return nil
}

// listener opens the listening socket.
func (o *nodeOptions) listener() (net.Listener, error) { return net.Listen("tcp", o.listen) }

// local is the address at which this process reaches itself.
func local(l net.Listener) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// lanes reads the file, or makes the registry of --peer and the process's own modules.
func (o *nodeOptions) lanes(own []string, self string, metrics *prometheus.Registry, log *slog.Logger) (*daemon.Lanes, error) {
	peers := map[string][]string{}
	for _, app := range own {
		peers[app] = []string{self}
	}
	for _, p := range strings.Fields(strings.Join(o.peers, " ")) {
		app, addrs, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("--peer %q is not app=ip:port", p)
		}
		peers[app] = strings.Split(addrs, ",")
	}
	return daemon.NewLanes(daemon.LaneOptions{File: o.dpath, Peers: peers, Node: o.node, Advertise: o.advertise,
		Env: o.env, Secret: o.secret, Metrics: metrics, Log: log})
}
