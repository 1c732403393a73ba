//go:build image

package images_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/stretchr/testify/require"
)

// bootBound is generous: an idle host needs 4 s, and CI hosts are not idle.
const bootBound = 60 * time.Second

func databaseNode(instance string) cloudinit.Seed {
	return cloudinit.Seed{
		MetaData: cloudinit.MetaData{InstanceID: instance, LocalHostname: "db-1"},
		UserData: cloudinit.UserData{
			Hostname:   "db-1",
			WriteFiles: []cloudinit.File{{Path: "/srv/www/index.html", Content: "hello from db-1\n", Owner: "nobody", Permissions: "0600"}},
			RunCmd:     []cloudinit.Command{cloudinit.Shell("echo ran >> /srv/www/runs")},
			Plaza: &cloudinit.Plaza{
				PostgreSQL: &cloudinit.PostgreSQL{
					Enabled: true, Listen: "0.0.0.0",
					Roles:     []cloudinit.Role{{Name: "retail", Password: `it's a "secret\`}},
					Databases: []cloudinit.Database{{Name: "retail", Owner: "retail"}},
					SQL:       []string{"CREATE TABLE seeded (n int)", "INSERT INTO seeded VALUES (1); -- once", "GRANT ALL ON seeded TO retail"},
					Allow:     []string{"10.0.0.0/8"},
					Settings:  map[string]string{"shared_buffers": "64MB"},
				},
				Services: []cloudinit.Service{
					{Name: "web", Command: []string{"busybox", "httpd", "-f", "-p", "8080", "-h", "/srv/www"}, User: "nobody",
						After: []string{"postgresql"}, Ready: &cloudinit.Ready{HTTP: "http://127.0.0.1:8080/"}},
					{Name: "crasher", Command: []string{"/bin/sh", "-c", "echo crash; exit 3"}},
				},
			},
		},
		Network: &cloudinit.NetworkConfig{Version: 2, Ethernets: map[string]cloudinit.Ethernet{"eth0": {
			Match: &cloudinit.Match{MACAddress: "52:54:00:12:34:56"}, Addresses: []string{"10.0.2.15/24"}, Gateway4: "10.0.2.2",
			Nameservers: cloudinit.Nameservers{Addresses: []string{"10.0.2.3"}},
		}}},
	}
}

func connect(t *testing.T, address string) *sql.DB {
	t.Helper()
	database, err := sql.Open("pgx", fmt.Sprintf("postgres://retail:it%%27s%%20a%%20%%22secret%%5C@%s/retail?sslmode=disable", address))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, database.PingContext(ctx))
	return database
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url) //nolint:gosec // loopback
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func count(t *testing.T, database *sql.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, database.QueryRow(query).Scan(&n))
	return n
}

func TestApplianceServesStopsAndKeepsItsData(t *testing.T) {
	m := newMachine(t, "plaza-appliance", databaseNode("i-1"))
	m.start(5432, 8080)
	wall := m.await("plaza-init: READY", bootBound)
	t.Logf("first boot: init %.2f s, PostgreSQL up %.2f s, READY %.2f s guest time, %.2f s host time, resident %d MiB",
		m.stage("init"), m.stage("service postgresql up"), m.stage("READY"), wall, m.residentMiB())
	database := connect(t, m.address(0))
	require.Equal(t, 1, count(t, database, "SELECT count(*) FROM seeded"))
	require.Equal(t, "hello from db-1\n", get(t, "http://"+m.address(1)+"/"))
	require.Contains(t, m.console(), "service crasher ended (exit status 3), next start in 1s")
	_, err := database.Exec("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
	require.NoError(t, err)
	require.NoError(t, database.Close())
	t.Logf("power button to off: %.2f s", m.pressPower(bootBound).Seconds())
	require.Contains(t, m.console(), "database system is shut down")
	require.Contains(t, m.console(), "plaza-init: stopped")

	m.start(5432, 8080)
	wall = m.await("plaza-init: READY", bootBound)
	t.Logf("second boot: READY %.2f s guest time, %.2f s host time", m.stage("READY"), wall)
	require.NotContains(t, m.console(), "first boot done")
	database = connect(t, m.address(0))
	require.Equal(t, 1000, count(t, database, "SELECT count(*) FROM kept"))
	require.Equal(t, 1, count(t, database, "SELECT count(*) FROM seeded"))
	require.Equal(t, "ran\n", get(t, "http://"+m.address(1)+"/runs"))
}

func TestApplianceSurvivesPowerCuts(t *testing.T) {
	m := newMachine(t, "plaza-appliance", databaseNode("i-1"))
	m.start(5432)
	m.await("plaza-init: postgresql identified", bootBound)
	m.cut() // before the database was ever up
	m.start(5432)
	m.await("plaza-init: READY", bootBound)
	database := connect(t, m.address(0))
	_, err := database.Exec("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
	require.NoError(t, err)
	m.cut() // right after a commit
	require.NoError(t, database.Close())
	m.start(5432)
	m.await("plaza-init: READY", bootBound)
	require.Contains(t, m.console(), "automatic recovery in progress")
	database = connect(t, m.address(0))
	require.Equal(t, 1000, count(t, database, "SELECT count(*) FROM kept"))
	require.Equal(t, 1, count(t, database, "SELECT count(*) FROM seeded"))
}

func TestAppliancesHaveTheirOwnIdentity(t *testing.T) {
	machines := make([]*machine, 4)
	for i := range machines {
		machines[i] = newMachine(t, "plaza-appliance", databaseNode(fmt.Sprintf("i-%d", i)))
		machines[i].start(5432)
	}
	var mu sync.Mutex
	identities := map[string]bool{}
	for _, m := range machines {
		wall := m.await("plaza-init: READY", 2*bootBound)
		t.Logf("one of four: READY %.2f s guest time, %.2f s host time, resident %d MiB", m.stage("READY"), wall, m.residentMiB())
		var identity string
		require.NoError(t, connect(t, m.address(0)).QueryRow("SELECT system_identifier::text FROM pg_control_system()").Scan(&identity))
		mu.Lock()
		identities[identity] = true
		mu.Unlock()
	}
	require.Len(t, identities, len(machines))
}

// The seed may be anything a tenant writes: what cannot be applied is said, and the guest still comes up.
func TestApplianceReportsABadSeed(t *testing.T) {
	m := newMachine(t, "plaza-appliance", cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: "i"}, Raw: []byte("#cloud-config\nplaza: {service: []}\n")})
	m.start()
	m.await("plaza-init: FAILED seed", bootBound)
	m.await("plaza-init: network", bootBound)
	m.pressPower(bootBound)
}

func TestApplianceRunsAScript(t *testing.T) {
	m := newMachine(t, "plaza-appliance", cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: "i"}, Raw: []byte("#!/bin/sh\necho script on $(hostname)\n")})
	m.start()
	m.await("user-data: script on plaza", bootBound)
	m.await("leased 10.0.2.15/24", bootBound)
	m.await("plaza-init: READY", bootBound)
}

func TestApplianceBuildIsReproducible(t *testing.T) {
	build, err := filepath.Abs("../build.sh")
	require.NoError(t, err)
	sums := map[string]int{}
	for range 2 {
		dir := t.TempDir()
		debs, err := filepath.Abs("../../build/cache/debs")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(dir+"/cache", 0o755))
		require.NoError(t, os.Symlink(debs, dir+"/cache/debs")) // downloads may be shared: their versions are inputs
		out, err := exec.Command(build, "plaza-appliance", "--out", dir+"/out", "--cache", dir+"/cache").CombinedOutput()
		require.NoError(t, err, string(out))
		manifest, err := os.ReadFile(dir + "/out/plaza-appliance.json")
		require.NoError(t, err)
		sums[string(manifest)]++
		again, err := exec.Command(build, "plaza-appliance", "--out", dir+"/out", "--cache", dir+"/cache").CombinedOutput()
		require.NoError(t, err, string(again))
		require.Contains(t, string(again), "up to date")
	}
	require.Len(t, sums, 1, "two builds of the same inputs differ")
}
