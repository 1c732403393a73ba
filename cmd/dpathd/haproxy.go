package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/haproxy"
)

func newHAProxyCommand() *cobra.Command {
	var config, listen string
	c := &cobra.Command{
		Use:   "haproxy",
		Short: "Write the configuration of a HAProxy that does what the gateway does",
		Long: `Write the configuration of a HAProxy (2.6 or later) that does what the gateway does, to standard output.

It takes labels from outside away, identifies by header, cookie, query, path and
source address, signs the real label, and keeps to the failover policies. What
it can not do is told on standard error and in the file's head. The file holds
the key that signs labels: write it where nobody else can read it. HAProxy does
not follow changes: write it anew and reload when rules or nodes have changed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, notes, err := renderHAProxy(config, listen)
			if err != nil {
				return err
			}
			for _, n := range notes {
				c.PrintErrln("note:", n)
			}
			_, err = fmt.Fprint(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "", "configuration file of a gateway (YAML or JSON)")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "ip:port for HAProxy to serve on")
	_ = c.MarkFlagRequired("config")
	return c
}

func renderHAProxy(path, listen string) (text string, notes []string, err error) {
	c, err := readConfig(path)
	if err != nil {
		return "", nil, err
	}
	doc, err := readRules(c)
	if err != nil {
		return "", nil, err
	}
	cfg, err := dpath.Compile(doc, &c.Registry, time.Now())
	if err != nil {
		return "", nil, err
	}
	current, keys, err := readKeyFile(c.Keys)
	if err != nil {
		return "", nil, err
	}
	return haproxy.Render(haproxy.Options{Rules: doc, Config: cfg, Routes: c.Routes, Listen: listen, KeyID: current, Key: keys[current], Health: c.Health})
}
