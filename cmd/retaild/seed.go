package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/retail/catalogue"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

type seedOptions struct {
	url, token string
	wait       time.Duration
}

func newSeedCommand() *cobra.Command {
	var o seedOptions
	cmd := &cobra.Command{
		Use: "seed", Short: "Write a small catalogue of 40 SKUs with prices and stock through the entry", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSeed(cmd.Context(), cmd.ErrOrStderr(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.url, "url", "http://127.0.0.1:8080", "URL of the entry, or of a node that runs product and inventory")
	f.StringVar(&o.token, "operator-token", "", "bearer token of an operator, as the entry knows it")
	f.DurationVar(&o.wait, "wait", 2*time.Minute, "how long to wait for the services to answer")
	return cmd
}

func runSeed(ctx context.Context, out io.Writer, o seedOptions) error {
	client := &http.Client{Transport: bearer{o.token}, Timeout: 30 * time.Second}
	deadline, began := time.Now().Add(o.wait), time.Now()
	for {
		n, err := catalogue.Seed(ctx, client, func(string) string { return o.url })
		var p *problem.Error
		if err == nil {
			_, err = fmt.Fprintf(out, "%d SKUs in %s\n", n, time.Since(began).Round(time.Millisecond))
			return err
		}
		if (errors.As(err, &p) && p.Status < 500) || time.Now().After(deadline) {
			return err
		}
		_, _ = fmt.Fprintf(out, "waiting for %s: %v\n", o.url, err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

type bearer struct{ token string }

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return http.DefaultTransport.RoundTrip(r)
}
