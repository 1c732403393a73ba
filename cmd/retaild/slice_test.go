package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/entry"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "retaild-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "retaild")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	defer func() { _ = os.RemoveAll(dir) }()
	retailtest.Main(m)
}

const secret = "a secret for tests only"

func retaild(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "PLAZA_RETAIL_SECRET="+secret)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func tool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := retaild(t.Context(), args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// service is a running retaild.
type service struct {
	*exec.Cmd
	log  bytes.Buffer
	addr string
}

func serve(t testing.TB, addr string, args ...string) *service {
	t.Helper()
	s := &service{Cmd: retaild(context.Background(), append(args, "--listen", addr)...), addr: addr}
	s.Stdout, s.Stderr = &s.log, &s.log
	began := time.Now()
	require.NoError(t, s.Start())
	t.Cleanup(func() { s.stop(t, syscall.SIGTERM) })
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + addr + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err == nil
	}, 10*time.Second, 5*time.Millisecond, "%s", &s.log)
	t.Logf("retaild %s answers after %s", args[0], time.Since(began).Round(time.Millisecond))
	return s
}

func (s *service) stop(t testing.TB, sig os.Signal) {
	if s.ProcessState != nil {
		return
	}
	if t.Failed() {
		t.Log(s.log.String())
	}
	began := time.Now()
	defer func() { t.Logf("ended after %s", time.Since(began).Round(time.Millisecond)) }()
	_ = s.Process.Signal(sig)
	err := s.Wait()
	if sig == syscall.SIGTERM {
		require.NoError(t, err, "a terminated process drains and ends well: %s", s.log.String())
	}
}

func freePort(t testing.TB, ip string) string {
	t.Helper()
	l, err := net.Listen("tcp", ip+":0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func laneFile(t *testing.T, version uint64, enable bool, public, dedicated string) []byte {
	t.Helper()
	reg := dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}}
	rule := dpath.EnvRule{EnvName: "newRetail", FailoverPolicy: dpath.PolicyStrict}
	for _, app := range daemon.Apps() {
		reg.Apps[app] = []dpath.Endpoint{{ID: "public-1", Addr: public}, {ID: "dedicated-1", Addr: dedicated}}
		group := app + "_newRetail_host"
		reg.Groups[group] = []string{dedicated}
		rule.EnvAppRules = append(rule.EnvAppRules, dpath.EnvAppRule{AppName: app, IPs: []string{}, MachineGroups: []string{group}})
	}
	doc, err := json.Marshal(dpath.Document{Enable: enable, Version: version, EnvRules: []dpath.EnvRule{rule},
		Identify: []dpath.IdentifyRule{{EnvName: "newRetail", Conditions: []dpath.Condition{
			{Type: "header", Key: "X-Retail-Channel", Op: "equal", Value: []string{"new-retail"}}}}}})
	require.NoError(t, err)
	raw, err := json.MarshalIndent(daemon.LaneFile{Document: doc, Registry: reg}, "", "  ")
	require.NoError(t, err)
	return raw
}

func TestWholeSlice(t *testing.T) {
	admin := retailtest.Database(t)
	for range 2 {
		tool(t, "migrate", "--admin-url", admin)
	}
	public, dedicated, gw := freePort(t, "127.0.0.1"), freePort(t, "127.0.0.2"), freePort(t, "127.0.0.1")
	file := filepath.Join(t.TempDir(), "lanes.json")
	require.NoError(t, os.WriteFile(file, laneFile(t, 1, true, public, dedicated), 0o600))
	common := []string{"run", "--database-url", admin, "--dpath", file, "--bank-simulator"}
	pub := serve(t, public, append(common, "--node", "public-1")...)
	ded := serve(t, dedicated, append(common, "--node", "dedicated-1", "--env", "newRetail")...)
	serve(t, gw, "gw", "--dpath", file, "--operator-token", "op", "--checks-every", "1s", "--node", "gw-1")
	base := "http://" + gw
	require.Equal(t, "degraded", health(t, &http.Client{Timeout: 10 * time.Second}, base).Status, "a shop without a catalogue is not well")

	for range 2 {
		out := tool(t, "seed", "--url", base, "--operator-token", "op")
		require.Contains(t, out, "40 SKUs")
		t.Log(out)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	before := atp(t, client, base)

	t.Run("an order through the entry lowers the stock", func(t *testing.T) { buy(t, client, base, 2) })
	require.Equal(t, before-2, atp(t, client, base))
	t.Run("a labelled order is served by the dedicated nodes", func(t *testing.T) {
		was := served(t, ded)
		buy(t, client, base, 3, "X-Retail-Channel", "new-retail")
		require.Greater(t, served(t, ded), was)
		var env string
		require.NoError(t, query(t, admin, `SELECT string_agg(DISTINCT dpath_env, ',') FROM (
			SELECT dpath_env FROM trade.outbox WHERE dpath_env <> '' UNION SELECT dpath_env FROM inventory.outbox WHERE dpath_env <> '') e`, &env))
		require.Equal(t, "newRetail", env, "the label reaches the outbox of the second hop")
	})
	t.Run("common orders are not", func(t *testing.T) {
		was := served(t, ded)
		for range 20 {
			buy(t, client, base, 1)
		}
		require.Equal(t, was, served(t, ded))
	})
	t.Run("the guard refuses a direct common call before any effect", func(t *testing.T) {
		a := retailtest.Do(t, client, "POST", "http://"+dedicated+"/v1/inventory/adjustments", "", inventory.Adjustment{SKU: "SKU-001", Node: "dc-east", Delta: -1, Reason: "x"})
		require.Equal(t, http.StatusMisdirectedRequest, a.Status)
	})
	t.Run("verify", func(t *testing.T) {
		require.Contains(t, tool(t, "verify", "--url", base, "--pay"), "paid-order smoke")
		tool(t, "verify", "--url", base, "--header", "X-Retail-Channel: new-retail")
	})
	t.Run("only operators write stock", func(t *testing.T) {
		require.Equal(t, http.StatusForbidden, retailtest.Do(t, client, "POST", base+"/v1/inventory/receipts", "", inventory.Receipt{}).Status)
	})
	t.Run("the home page is whole", func(t *testing.T) {
		a := retailtest.Do(t, client, "GET", base+"/", "", nil)
		require.Contains(t, string(a.Body), "零售中台")
		require.NotContains(t, string(a.Body), "https://", "it needs nothing from elsewhere")
	})
	t.Run("health is what the nodes answer", func(t *testing.T) {
		require.Eventually(t, func() bool { h := health(t, client, base); return h.Status == "ok" && len(h.Checks) == 3 }, 10*time.Second, 100*time.Millisecond)
		ded.stop(t, syscall.SIGKILL)
		require.Eventually(t, func() bool { return health(t, client, base).Status == "degraded" }, 10*time.Second, 100*time.Millisecond)
		a := retailtest.Do(t, client, "GET", base+"/v1/products", "", nil, "X-Retail-Channel", "new-retail")
		require.Equal(t, "lane_unavailable", a.Reason(), "strict: not sent to public nodes")
		buy(t, client, base, 1)
	})
	t.Run("disable returns the nodes to all", func(t *testing.T) {
		require.NoError(t, os.WriteFile(file, laneFile(t, 2, false, public, dedicated), 0o600))
		require.Eventually(t, func() bool {
			return retailtest.Do(t, client, "GET", base+"/v1/products", "", nil, "X-Retail-Channel", "new-retail").Status == 200
		}, 10*time.Second, 200*time.Millisecond)
	})
	pub.stop(t, syscall.SIGKILL)
	require.Eventually(t, func() bool { return health(t, client, base).Status == "down" }, 10*time.Second, 100*time.Millisecond)
}

func buy(t *testing.T, c *http.Client, base string, qty int64, header ...string) {
	t.Helper()
	var q trade.Quote
	a := retailtest.Do(t, c, "POST", base+"/v1/quotes", "", trade.Basket{Channel: "web", Lines: []trade.Item{{SKU: "SKU-001", Qty: qty}}}, header...)
	require.Equal(t, http.StatusOK, a.Status, string(a.Body))
	a.JSON(t, &q)
	a = retailtest.Do(t, c, "POST", base+"/v1/orders", "", trade.NewOrder{Quote: q.Token}, header...)
	require.Equal(t, http.StatusCreated, a.Status, string(a.Body))
	var o trade.Order
	a.JSON(t, &o)
	require.Equal(t, q.Payable, o.Payable)
	a = retailtest.Do(t, c, "POST", base+"/v1/payments", "", trade.NewPayment{OrderID: o.ID, Tender: trade.SimulatorTender}, header...)
	require.Equal(t, http.StatusCreated, a.Status, string(a.Body))
	retailtest.Do(t, c, "GET", base+"/v1/orders/"+o.ID.String(), "", nil, header...).JSON(t, &o)
	require.Equal(t, "confirmed", o.State)
}

func atp(t *testing.T, c *http.Client, base string) int64 {
	t.Helper()
	var p centre.Page[inventory.ATP]
	retailtest.Do(t, c, "GET", base+"/v1/inventory/atp?sku=SKU-001", "", nil).JSON(t, &p)
	return p.Items[0].ATP
}

func health(t *testing.T, c *http.Client, base string) (h entry.Health) {
	t.Helper()
	retailtest.Do(t, c, "GET", base+"/v1/health", "", nil).JSON(t, &h)
	return h
}

// served is the number of API calls a node has let through, by its own metrics.
func served(t *testing.T, s *service) (n int) {
	t.Helper()
	for _, line := range strings.Split(string(retailtest.Do(t, http.DefaultClient, "GET", "http://"+s.addr+"/metrics", "", nil).Body), "\n") {
		if strings.HasPrefix(line, "retail_request_duration_seconds_count") && !strings.Contains(line, `code="421"`) {
			var one int
			_, err := fmt.Sscan(line[strings.LastIndex(line, " ")+1:], &one)
			require.NoError(t, err)
			n += one
		}
	}
	return n
}

func query(t *testing.T, admin, sql string, out any) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), admin)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	return conn.QueryRow(t.Context(), sql).Scan(out)
}
