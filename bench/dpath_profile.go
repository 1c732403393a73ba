package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// profileGateway writes where the gateway's processor time goes while it passes common and labelled calls in turn; builds of
// dpathd are optimized by that.
func profileGateway(ctx context.Context, path string) error {
	const seconds = 20
	dir, nodes, end, err := startNodes()
	defer end()
	if err != nil {
		return err
	}
	binary, err := build(ctx, dir, "dpathd", false, "-pgo=off")
	if err != nil {
		return err
	}
	admin := freeAddress()
	if err := writeGateway(dir, nodes[0], nodes[1], admin); err != nil {
		return err
	}
	r, err := startDpathd(ctx, dir, binary)
	if err != nil {
		return err
	}
	defer r.stop()
	if err := awaitAnswer(ctx, r.addr); err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		written <- download(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, seconds), path)
	}()
	for range seconds {
		for _, header := range []string{"", laneHeader + ": 1\r\n"} {
			if _, err := drive(ctx, r.addr, header, proxyConns, time.Second/2); err != nil {
				return err
			}
		}
	}
	return <-written
}

func download(ctx context.Context, url, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", url, resp.Status, text)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644) //nolint:gosec // a file of the checkout
}
