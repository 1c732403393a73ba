package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// probeOf makes the readiness check of a service; nil when it has none.
func probeOf(ready *cloudinit.Ready) func(context.Context) error {
	switch {
	case ready == nil:
		return nil
	case ready.TCP != "":
		return func(ctx context.Context) error { return probeTCP(ctx, ready.TCP) }
	case ready.HTTP != "":
		return func(ctx context.Context) error { return probeHTTP(ctx, ready.HTTP) }
	}
	return func(context.Context) error {
		_, err := os.Stat(ready.File)
		return err
	}
}

func probeTCP(ctx context.Context, address string) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return connection.Close()
}

func probeHTTP(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}
