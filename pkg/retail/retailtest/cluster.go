// Package retailtest starts what the tests of the retail centres need: a real PostgreSQL cluster
// in a temporary directory, and databases with migrated centres in it.
package retailtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/schema"
)

// Secret is the platform secret of every test database.
const Secret = "retailtest-secret"

// ErrAbsent tells that PostgreSQL is not installed on this machine.
var ErrAbsent = errors.New("PostgreSQL is not installed")

// Cluster is a running PostgreSQL server that listens on a socket in its own directory only.
type Cluster struct {
	dir string
	cmd *exec.Cmd
}

var (
	cluster *Cluster
	startUp error
	number  atomic.Int64
)

// Main runs a package's tests with one cluster, and ends it; a goroutine that
// outlives the tests is a failure. Call it from TestMain. Commits are
// not durable, which is faster, unless RETAILTEST_FSYNC is "on", as for measurements.
func Main(m *testing.M) {
	fsync := "off"
	if os.Getenv("RETAILTEST_FSYNC") == "on" {
		fsync = "on"
	}
	cluster, startUp = Start("fsync=" + fsync)
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if cluster != nil {
		cluster.Stop()
	}
	os.Exit(code)
}

// Start makes and starts a cluster. Settings are PostgreSQL parameters like "fsync=off".
func Start(settings ...string) (*Cluster, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		return nil, ErrAbsent
	}
	bin := slices.Max(bins)
	dir, err := os.MkdirTemp("", "retailtest-")
	if err != nil {
		return nil, err
	}
	attr, err := owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8") //nolint:gosec // fixed arguments
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	args := []string{"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=150", "-c", "shared_buffers=64MB"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	c := &Cluster{dir: dir, cmd: exec.Command(filepath.Join(bin, "postgres"), args...)} //nolint:gosec // fixed arguments
	c.cmd.SysProcAttr, c.cmd.Dir = attr, dir
	log, err := os.Create(filepath.Join(dir, "log")) //nolint:gosec // own directory
	if err != nil {
		return nil, err
	}
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	_ = log.Close()
	return c, c.await()
}

// owner gives dir to the postgres user if we are root, because PostgreSQL refuses to run as root.
func owner(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid)), os.Chmod(dir, 0o755)); err != nil { //nolint:gosec // the socket is for this user's tests
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

func (c *Cluster) await() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		conn, err := pgx.Connect(context.Background(), c.URL("postgres"))
		if err == nil {
			return conn.Close(context.Background())
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			c.Stop()
			return fmt.Errorf("PostgreSQL: %w: %s", err, log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// URL is the administrator's URL of one database.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database,
		RawQuery: url.Values{"host": {c.dir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}

// Stop ends the server and removes its directory.
func (c *Cluster) Stop() {
	_ = c.cmd.Process.Signal(syscall.SIGQUIT)
	_ = c.cmd.Wait()
	_ = os.RemoveAll(c.dir)
}

// Database makes a fresh database with the schemas migrated and returns the administrator's URL.
// It skips the test where PostgreSQL is not installed.
func Database(t testing.TB, schemas ...string) string {
	t.Helper()
	if errors.Is(startUp, ErrAbsent) {
		t.Skip(startUp)
	}
	require.NoError(t, startUp)
	admin := cluster.URL(fmt.Sprintf("t%d", number.Add(1)))
	require.NoError(t, schema.Migrate(context.Background(), schema.Options{AdminURL: admin, Schemas: schemas,
		Password: func(role string) string { return schema.Password(Secret, role) }, Wait: 10 * time.Second, Log: Quiet()}))
	return admin
}

// Centre opens a centre on its own role in the database of admin.
func Centre(t testing.TB, admin, name string, level pgx.TxIsoLevel, conns int32) *centre.Centre {
	t.Helper()
	u, err := schema.RoleURL(admin, name, schema.Password(Secret, name))
	require.NoError(t, err)
	c, err := centre.Open(context.Background(), centre.Config{Schema: name, DatabaseURL: u, Node: "test",
		MaxConns: conns, Isolation: level, Log: Quiet()})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// Quiet is a logger for tests; RETAILTEST_LOG=1 makes it speak.
func Quiet() *slog.Logger {
	if os.Getenv("RETAILTEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}
