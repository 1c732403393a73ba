package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/client"
)

func testApp() *app {
	return &app{Env: Env{In: strings.NewReader("from stdin\n"), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now}}
}

func TestTablesCountWhatTerminalsShow(t *testing.T) {
	var b bytes.Buffer
	table{header: []string{"NAME", "TITLE", "AGE"}, rows: [][]string{{"a", "每日鲜", "1s"}, {"bb", "tea\nleaf", ""}, {"c", "é\x1b[31m", "2d"}}}.write(&b, nil)
	require.Equal(t, "NAME  TITLE     AGE\na     每日鲜    1s\nbb    tea leaf  -\nc     é[31m     2d\n", b.String())
}

func TestFlagNames(t *testing.T) {
	for path, want := range map[string]string{"memoryMiB": "memory-mib", "sizeGiB": "size-gib", "antiAffinity": "anti-affinity", "vcpus": "vcpus", "kernel.sha256": "kernel-sha256",
		"cpuOvercommit": "cpu-overcommit", "minDiskGiB": "min-disk-gib"} {
		require.Equal(t, want, flagName(strings.Split(path, ".")))
	}
}

func TestArticles(t *testing.T) {
	require.Equal(t, []string{"an asset", "an image", "a server", "a user"}, []string{one("asset"), one("image"), one("server"), one("user")})
}

func TestFlagsFromSchema(t *testing.T) {
	schema := []client.Property{
		{Name: "size", Type: "integer", Required: true},
		{Name: "server", Type: "string"},
		{Name: "on", Type: "boolean"},
		{Name: "names", Type: "array", Items: "string"},
		{Name: "rules", Type: "array", Items: "object", Properties: []client.Property{{Name: "port", Type: "integer"}, {Name: "cidr", Type: "string"}}},
		{Name: "traits", Type: "object", Items: "string"},
		{Name: "disk", Type: "object", Properties: []client.Property{{Name: "url", Type: "string"}, {Name: "bytes", Type: "integer"}}},
		{Name: "seen", Type: "string", ReadOnly: true},
	}
	fields := &specFlags{app: testApp()}
	cmd := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
	fields.bind(cmd, schema)
	require.Nil(t, cmd.Flags().Lookup("seen"))
	cmd.SetArgs([]string{"--size", "3", "--spec-server=@-", "--on", "--names", "a,b", "--names", "c", "--rules", "port=1,cidr=10.0.0.0/8", "--rules", `{"port":2}`,
		"--traits", "a=1", "--traits", "b=2", "--disk-url", "@@home", "--disk-bytes", "9"})
	require.NoError(t, cmd.Execute())
	spec := map[string]any{"names": []any{"old"}, "keep": true}
	require.NoError(t, fields.fill(spec))
	text, err := encode(spec)
	require.NoError(t, err)
	require.JSONEq(t, `{"keep":true,"size":3,"server":"from stdin","on":true,"names":["a","b","c"],"rules":[{"port":1,"cidr":"10.0.0.0/8"},{"port":2}],
		"traits":{"a":"1","b":"2"},"disk":{"url":"@home","bytes":9}}`, string(text))
	for _, bad := range []string{"--size=many", "--on=perhaps", "--rules=host=1", "--traits=a", "--rules=port=x"} {
		require.Error(t, cmd.Flags().Parse([]string{bad}), bad)
	}
}

// Every kind's nouns can be built, whatever their fields are called.
func TestEveryKindHasItsCommands(t *testing.T) {
	root := newCommand(testApp())
	for _, n := range client.Nouns {
		cmd, _, err := root.Find([]string{n.Name})
		require.NoError(t, err)
		var verbs []string
		for _, c := range cmd.Commands() {
			verbs = append(verbs, c.Name())
		}
		require.Subset(t, verbs, []string{"list", "get", "create", "apply", "edit", "delete", "wait", "history", "operations"}, n.Name)
		for _, a := range n.Actions {
			require.Contains(t, verbs, a.Name)
		}
	}
}

func TestMask(t *testing.T) {
	for _, secret := range []string{`{"password":"hush"}`, `{"spec":{"userData":"hu\"sh"}}`, `{"secrets":{"a":"hush"}}`, `{"operatorToken":"hush"}`, `{"old":"hush","new":"hush"}`, `"plz_hushhushhushhushhushhush"`} {
		require.NotContains(t, mask(secret), "hush", secret)
	}
	require.JSONEq(t, `{"name":"n","spec":{"cidr":"10.0.0.0/8"}}`, mask(`{"name":"n","spec":{"cidr":"10.0.0.0/8"}}`))
}

func TestExitCodes(t *testing.T) {
	for reason, want := range map[string]int{"NotFound": 3, "AlreadyExists": 4, "Conflict": 4, "Stale": 4, "InUse": 4, "Unauthenticated": 5, "Forbidden": 5, "QuotaExceeded": 6,
		"NoCandidate": 6, "StorageFull": 6, "Unavailable": 7, "Timeout": 7, "Unreachable": 7, "TooManyRequests": 7, "Invalid": 1, "Internal": 1} {
		require.Equal(t, want, exitCode(&client.Problem{Reason: reason}), reason)
	}
	require.Equal(t, 2, exitCode(usagef("x")))
}

func TestAdded(t *testing.T) {
	require.Equal(t, "abc", added("", "abc"))
	require.Equal(t, "def", added("abc", "abcdef"))
	require.Equal(t, "", added("abc", "abc"))
	long := strings.Repeat("x", 300)
	require.Equal(t, "new", added("lost"+long+"end", long+"endnew"))
}

func TestDocumentsAreStrict(t *testing.T) {
	_, err := newDocument(map[string]any{"kind": "network", "name": "n", "spce": map[string]any{}}, "")
	require.ErrorContains(t, err, "spce")
	_, err = newDocument(map[string]any{"name": "n"}, "")
	require.ErrorContains(t, err, "does not say its kind")
	d, err := newDocument(map[string]any{"kind": "networks", "name": "n", "id": "x", "status": map[string]any{}}, "network")
	require.NoError(t, err)
	require.Equal(t, "network", d.Kind)
}

func TestCheckKnowsEveryCommandLine(t *testing.T) {
	for _, line := range []string{"server list --all", "region create east --type openstack --schedulable", "host enrol-token --site x", "drift adopt a --name b",
		"baremetal edit db1 --state active", "pool show all -o json", "whoami", "--version"} {
		require.NoError(t, Check(strings.Fields(line)), line)
	}
	for _, line := range []string{"servr list", "server lisst", "server list --nope", "server get", "whoami twice", "region edit", "baremetal create a --cpus many"} {
		require.Error(t, Check(strings.Fields(line)), line)
	}
}
