package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"time"

	"github.com/plazacloud/plaza/pkg/store"
)

// binaries is where Debian keeps PostgreSQL 15's programs.
const binaries = "/usr/lib/postgresql/15/bin/"

// postgresServer is a server of this run's own, durable as in production.
type postgresServer struct {
	dir       string
	cmd       *exec.Cmd
	databases int
}

var server *postgresServer

// postgresURL returns the address of a new, empty database; the first call starts the server.
func postgresURL(ctx context.Context) (string, error) {
	if server == nil {
		s, err := startPostgres(ctx)
		if err != nil {
			return "", err
		}
		server = s
	}
	server.databases++
	name := fmt.Sprint("b", server.databases)
	db, err := store.Open(ctx, server.url("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, err = db.Write.ExecContext(ctx, "CREATE DATABASE "+name)
	return server.url(name), err
}

func startPostgres(ctx context.Context) (*postgresServer, error) {
	dir, err := os.MkdirTemp("", "plaza-bench")
	if err != nil {
		return nil, err
	}
	s := &postgresServer{dir: dir}
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, fmt.Errorf("install the Debian package postgresql-15: %w", err)
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	initdb := exec.CommandContext(ctx, binaries+"initdb", "-D", dir+"/data", "-U", "plaza", "--auth=trust", "--locale=C", "-E", "UTF8")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.cmd = exec.Command(binaries+"postgres", "-D", dir+"/data", "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB")
	s.cmd.SysProcAttr, s.cmd.Dir = attr, dir
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for range 200 {
		if db, err := store.Open(ctx, s.url("postgres")); err == nil {
			return s, db.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	server = s
	stopPostgres()
	return nil, fmt.Errorf("postgres in %s did not answer within 10 s", dir)
}

func (s *postgresServer) url(database string) string {
	return fmt.Sprintf("postgres://plaza@/%s?host=%s", database, s.dir)
}

// stopPostgres stops the server, if one was started, and removes its files.
func stopPostgres() {
	if server == nil {
		return
	}
	_ = server.cmd.Process.Signal(syscall.SIGINT)
	_ = server.cmd.Wait()
	_ = os.RemoveAll(server.dir)
	server = nil
}
