package cli_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plazacloud/plaza/pkg/tenancy/oidc/oidctest"
)

// surf is a browser that signs in where an address leads, and shows the page it ends on.
func surf() {
	err := func() error {
		browser := oidctest.NewBrowser()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		res, err := oidctest.SignIn(ctx, browser, os.Args[1])
		if err != nil {
			return err
		}
		defer res.Body.Close()
		_, err = io.Copy(os.Stdout, res.Body)
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// provide starts the identity provider that the script about it signs in by.
func provide(env *testscript.Env) {
	t := env.T().(testing.TB)
	if path.Base(t.Name()) == "oidc" {
		p := oidctest.Start(t, env.Getenv("SERVER")+"/v1/login/oidc/callback")
		p.Join("tills")
		env.Setenv("ISSUER", p.Issuer)
		env.Setenv("BROWSER", "surf")
	}
}

// otp puts an authenticator's code, by the key in a file and so much later than now, into CODE.
func otp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: otp FILE DURATION")
	}
	later, err := time.ParseDuration(args[1])
	ts.Check(err)
	code, err := totp.GenerateCode(strings.TrimSpace(ts.ReadFile(args[0])), time.Now().Add(later))
	ts.Check(err)
	ts.Setenv("CODE", code)
}
