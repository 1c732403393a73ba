package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/retail/entry"
)

type verifyOptions struct {
	url    string
	pay    bool
	header []string
}

func newVerifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use: "verify", Short: "Check the invariants and make a smoke sale through the entry", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), cmd.OutOrStdout(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.url, "url", "http://127.0.0.1:8080", "URL of the entry")
	f.BoolVar(&o.pay, "pay", false, "also pay one order with the bank simulator, which takes one unit of stock")
	f.StringArrayVar(&o.header, "header", nil, `"Name: value" to send with every request, to choose a lane; repeatable`)
	return cmd
}

func runVerify(ctx context.Context, out io.Writer, o verifyOptions) error {
	header := http.Header{}
	for _, h := range o.header {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return fmt.Errorf("--header %q is not Name: value", h)
		}
		header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	checks := entry.Verify(ctx, &http.Client{Timeout: 30 * time.Second}, o.url, entry.VerifyOptions{Pay: o.pay, Header: header})
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{"url": o.url, "checks": checks}); err != nil {
		return err
	}
	for _, c := range checks {
		if !c.OK {
			return fmt.Errorf("%s failed: %s", c.Name, c.Error)
		}
	}
	return nil
}
