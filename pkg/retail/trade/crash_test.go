package trade_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
	"github.com/plazacloud/plaza/pkg/retail/schema"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

// The test binary, started again with these set, is a trade process that kills itself with
// SIGKILL when it comes to the named boundary.
const (
	childURL   = "RETAIL_CRASH_DATABASE"
	childPoint = "RETAIL_CRASH_BOUNDARY"
)

func child() bool {
	url := os.Getenv(childURL)
	if url == "" {
		return false
	}
	ctx := context.Background()
	nets := retailtest.Network{}
	openChild := func(app string) *centre.Centre {
		u, err := schema.RoleURL(url, app, schema.Password(retailtest.Secret, app))
		must(err)
		c, err := centre.Open(ctx, centre.Config{Schema: app, DatabaseURL: u, MaxConns: 4, Log: retailtest.Quiet()})
		must(err)
		return c
	}
	cfg := config(nets)
	cfg.Boundary = func(name string) {
		if name == os.Getenv(childPoint) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	s := trade.New(openChild(trade.App), cfg)
	for app, m := range map[string]interface{ Routes(*http.ServeMux) }{
		inventory.App: inventory.New(openChild(inventory.App)), product.App: product.New(openChild(product.App)), trade.App: s} {
		mux := http.NewServeMux()
		m.Routes(mux)
		nets[app] = mux
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	fmt.Println(l.Addr())
	must(http.Serve(l, nets[trade.App])) //nolint:gosec // a test's child
	return true
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// process is a trade process that will die at point.
func process(t *testing.T, admin, point string) (base string, died func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), childURL+"="+admin, childPoint+"="+point)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line := make([]byte, 64)
	n, err := out.Read(line)
	require.NoError(t, err)
	return "http://" + strings.TrimSpace(string(line[:n])), func() {
		t.Helper()
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-done:
			require.Equal(t, syscall.SIGKILL, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			t.Fatalf("the process did not come to %s", point)
		}
	}
}

func TestKilledAtEveryBoundary(t *testing.T) {
	admin := database(t)
	s := open(t, admin, pgx.ReadCommitted, nil)
	s.stock(t, 1000)
	client := &http.Client{Timeout: 10 * time.Second}
	for _, point := range []string{"saga.started", "stock.reserved", "order.created"} {
		t.Run(point, func(t *testing.T) {
			base, died := process(t, admin, point)
			_, err := retailtest.Try(client, "POST", base+"/v1/orders", "key of "+point, basket(3))
			require.Error(t, err, "the process died in the request")
			died()
			var a retailtest.Answer
			require.Eventually(t, func() bool {
				_, _ = s.Recover(context.Background(), 10)
				a = s.post(t, orders, "key of "+point, basket(3))
				return a.Status == 201
			}, 10*time.Second, 50*time.Millisecond, "%s", a.Body)
			s.sound(t)
		})
	}
	require.EqualValues(t, 3, s.count(t, `SELECT count(*) FROM orders`), "one order for each key")
	for _, point := range []string{"order.paid", "stock.confirmed", "order.cancelled", "stock.released"} {
		t.Run(point, func(t *testing.T) {
			o := s.order(t, 2)
			want := "confirmed"
			base, died := process(t, admin, point)
			var err error
			if point == "order.paid" || point == "stock.confirmed" {
				p := s.payment(t, o, nil)
				body, _ := json.Marshal(trade.Callback{PaymentID: p.ID, Result: "succeeded", Amount: p.Amount, Currency: p.Currency})
				_, err = retailtest.Try(client, "POST", base+"/v1/payments/callbacks/bank", "", body, trade.SignatureHeader, signature(body))
			} else {
				want = "cancelled"
				_, err = retailtest.Try(client, "POST", base+"/v1/orders/"+o.ID.String()+":cancel", "", nil)
			}
			require.Error(t, err)
			died()
			require.Eventually(t, func() bool {
				_, _ = s.Recover(context.Background(), 10)
				return s.read(t, o.ID).State == want && s.count(t, `SELECT count(*) FROM saga WHERE step IN ('paid', 'cancelling')`) == 0
			}, 10*time.Second, 50*time.Millisecond)
			s.sound(t)
		})
	}
	onHand, reserved := s.balance(t)
	require.EqualValues(t, 1000-2*2, onHand)
	require.EqualValues(t, 3*3, reserved)
}
