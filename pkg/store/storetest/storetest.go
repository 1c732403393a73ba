// Package storetest gives tests real databases: a SQLite file each, and a PostgreSQL database each on a server of
// the test run's own, started on demand and stopped with the test process.
package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/store"
)

// Each runs f once on SQLite and once on PostgreSQL, each time on a migrated, empty database.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) { f(t, Open(t, d)) })
	}
}

// Open returns a migrated, empty database that is closed with the test.
func Open(t testing.TB, d store.Dialect) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), URL(t, d))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.NoError(t, db.Migrate(t.Context()))
	return db
}

// URL returns the address of a new, empty database.
func URL(t testing.TB, d store.Dialect) string {
	t.Helper()
	if d == store.SQLite {
		return "sqlite://" + filepath.Join(t.TempDir(), "plaza.db")
	}
	server, err := postgres()
	require.NoError(t, err)
	name := fmt.Sprintf("t%d_%d", os.Getpid(), time.Now().UnixNano())
	admin, err := store.Open(t.Context(), server.url("postgres"))
	require.NoError(t, err)
	defer admin.Close()
	_, err = admin.Write.Exec(`CREATE DATABASE ` + name)
	require.NoError(t, err)
	t.Cleanup(func() {
		db, err := store.Open(context.Background(), server.url("postgres"))
		if err != nil {
			return
		}
		defer db.Close()
		_, _ = db.Write.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
	})
	return server.url(name)
}

// Main runs a package's tests and then stops the PostgreSQL server, if one was started. Use it as
// func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the PostgreSQL server, if one was started, and removes its files.
func Stop() {
	if running != nil {
		running.stop()
		running = nil
	}
}

type server struct {
	dir string
	cmd *exec.Cmd
}

var (
	running *server
	once    sync.Once
	failure error
)

func postgres() (*server, error) {
	once.Do(func() { running, failure = start() })
	return running, failure
}

// binaries is where Debian keeps PostgreSQL 15's programs.
const binaries = "/usr/lib/postgresql/15/bin/"

func start() (*server, error) {
	dir, err := os.MkdirTemp("", "plaza-pg")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	attr, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(binaries+"initdb", "-D", dir+"/data", "-U", "plaza", "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	// Durability stays on, as in production: what is measured on it should be true.
	s.cmd = exec.Command(binaries+"postgres", "-D", dir+"/data", "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=128MB")
	s.cmd.SysProcAttr, s.cmd.Dir = attr, dir
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		db, err := store.Open(context.Background(), s.url("postgres"))
		if err == nil {
			return s, db.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("postgres in %s did not answer within 10 s", dir)
}

// unprivileged makes the server run as the user postgres when the test runs as root, which PostgreSQL refuses.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("install the Debian package postgresql-15: %w", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

func (s *server) url(database string) string {
	return fmt.Sprintf("postgres://plaza@/%s?host=%s", database, s.dir)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}
