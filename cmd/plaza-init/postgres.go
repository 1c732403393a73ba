package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	postgresBin     = "/usr/lib/postgresql/15/bin"
	postgresCluster = "/var/lib/postgresql/15/main"
	postgresSocket  = "/run/postgresql"
	postgresUser    = "postgres"
	postgresStop    = 60 * time.Second
	postgresStamp   = stateDir + "/postgresql.sha256"
)

// postgresService prepares the cluster and describes the server process. The service is complete even when there is an
// error, so that dependants wait rather than run without a database.
func (g *guest) postgresService(ctx context.Context, config *cloudinit.PostgreSQL) (*service, error) {
	made := &service{
		name:   cloudinit.PostgreSQLService,
		spec:   spec{argv: []string{postgresBin + "/postgres", "-D", postgresCluster}, env: baseEnv(), dir: "/", user: postgresUser},
		signal: syscall.SIGINT, // fast shutdown, and to the postmaster alone
		limit:  postgresStop,
		probe:  func(context.Context) error { return postmasterReady(postgresCluster) },
		settle: func(ctx context.Context) error { return g.provision(ctx, config) },
	}
	made.init()
	return made, g.prepareCluster(ctx, config)
}

func (g *guest) prepareCluster(ctx context.Context, config *cloudinit.PostgreSQL) error {
	// A power cut leaves the last run's file, whose "ready" would be taken for this run's.
	if err := os.Remove(filepath.Join(postgresCluster, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := g.identifyCluster(ctx); err != nil {
		return err
	}
	uid, gid, err := ownerIDs(postgresUser)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(postgresSocket, 0o755); err != nil {
		return err
	}
	if err := os.Chown(postgresSocket, int(uid), int(gid)); err != nil {
		return err
	}
	for name, text := range map[string]string{"postgresql.conf": serverConfig(config), "pg_hba.conf": accessConfig(config)} {
		path := filepath.Join(postgresCluster, name)
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		if err := writeDurably(path, []byte(text), 0o600); err != nil {
			return err
		}
		if err := os.Chown(path, int(uid), int(gid)); err != nil {
			return err
		}
	}
	return nil
}

// identifyCluster makes the image's template this guest's own cluster: a new identity and a first WAL segment.
func (g *guest) identifyCluster(ctx context.Context) error {
	mark := filepath.Join(postgresCluster, templateMark)
	if _, err := os.Stat(mark); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	id, err := newIdentity(time.Now(), os.Getpid())
	if err != nil {
		return err
	}
	if err := rewriteControl(postgresCluster, id); err != nil {
		return err
	}
	reset := spec{argv: []string{postgresBin + "/pg_resetwal", "-f", "-D", postgresCluster}, env: baseEnv(), dir: "/", user: postgresUser}
	if err := g.runLogged(ctx, "pg_resetwal", reset); err != nil {
		return err
	}
	g.console.stage("postgresql identified")
	if err := os.Remove(mark); err != nil {
		return err
	}
	return syncDir(postgresCluster) // a mark that came back would have the next boot reset a WAL in use
}

// serverConfig is postgresql.conf; settings given by the seed come last and win.
func serverConfig(config *cloudinit.PostgreSQL) string {
	settings := map[string]string{
		"listen_addresses":           orDefault(config.Listen, "127.0.0.1"),
		"port":                       strconv.Itoa(config.ListenPort()),
		"unix_socket_directories":    postgresSocket,
		"dynamic_shared_memory_type": "posix",
		"password_encryption":        "scram-sha-256",
		"shared_buffers":             "64MB",
		"max_wal_size":               "512MB",
		"min_wal_size":               "32MB",
		"jit":                        "off", // its compiler is not in the image
		"lc_messages":                "C",
		"timezone":                   "UTC",
		"log_timezone":               "UTC",
	}
	maps.Copy(settings, config.Settings)
	var text strings.Builder
	text.WriteString("# Written by plaza-init at boot; change the seed instead.\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	return text.String()
}

// accessConfig is pg_hba.conf: the superuser by its socket, everybody else by password.
func accessConfig(config *cloudinit.PostgreSQL) string {
	var text strings.Builder
	text.WriteString("# Written by plaza-init at boot; change the seed instead.\n")
	text.WriteString("local all postgres peer\nlocal all all scram-sha-256\n")
	text.WriteString("host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n")
	for _, cidr := range config.Allow {
		fmt.Fprintf(&text, "host all all %s scram-sha-256\nhost replication all %s scram-sha-256\n", cidr, cidr)
	}
	return text.String()
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// postmasterReady reads the status line that pg_ctl waits for.
func postmasterReady(cluster string) error {
	data, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return err
	}
	lines := strings.Split(string(data), "\n")
	if len(lines) < 8 || strings.TrimSpace(lines[7]) != "ready" {
		return errors.New("the postmaster is not ready yet")
	}
	return nil
}

// provision makes roles and databases agree with the seed, unless this very section was carried out before.
func (g *guest) provision(ctx context.Context, config *cloudinit.PostgreSQL) error {
	section, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(section)
	stamp := hex.EncodeToString(sum[:])
	if old, err := os.ReadFile(postgresStamp); err == nil && string(old) == stamp {
		return nil
	}
	if err := g.psql(ctx, provisionSQL(config)); err != nil {
		return fmt.Errorf("roles and databases: %w", err)
	}
	return writeDurably(postgresStamp, []byte(stamp), 0o600)
}

// psql runs a script as the superuser. The script goes through a pipe: it holds passwords.
func (g *guest) psql(ctx context.Context, script string) error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	go func() {
		_, _ = writer.WriteString(script)
		_ = writer.Close()
	}()
	defer reader.Close()
	return g.runLogged(ctx, "psql", spec{
		argv: []string{postgresBin + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", postgresSocket, "-d", "postgres", "-f", "-"},
		env:  append(baseEnv(), "PGOPTIONS=-c client_min_messages=warning"), dir: "/", user: postgresUser, input: reader,
	})
}
