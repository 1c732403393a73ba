package cloudinit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const node = `#cloud-config
hostname: app-1
package_update: true
write_files:
  - {path: /etc/a, content: aGk=, encoding: b64, permissions: "0600", owner: "postgres:postgres"}
  - {path: /etc/b, content: "x: 1\n", defer: true}
runcmd:
  - "echo one && echo two"
  - [touch, /tmp/x, 7]
plaza:
  volumes: [{label: data, path: /var/lib/postgresql}]
  services:
    - name: trade
      command: [/opt/plaza/bin/retaild, run, "--modules=product,inventory,trade"]
      env: {DATABASE_URL: "postgres://retail@127.0.0.1/retail"}
      after: [postgresql]
      ready: {tcp: "127.0.0.1:8080"}
      stopAfter: 20s
  postgresql:
    enabled: true
    listen: "0.0.0.0"
    databases: [{name: retail, owner: retail}]
    roles: [{name: retail, password: secret}]
    allow: ["10.0.0.0/8"]
    settings: {shared_buffers: 64MB}
`

func TestParseUserDataReadsKnownKeysAndWarnsOfOthers(t *testing.T) {
	user, warnings, err := cloudinit.ParseUserData([]byte(node))
	require.NoError(t, err)
	require.Equal(t, []string{
		"user-data key package_update is not applied by this image",
		"user-data key write_files.defer is not applied by this image",
	}, warnings)
	require.Equal(t, "app-1", user.Hostname)
	content, err := user.WriteFiles[0].Bytes()
	require.NoError(t, err)
	require.Equal(t, "hi", string(content))
	mode, err := user.WriteFiles[0].Mode()
	require.NoError(t, err)
	require.EqualValues(t, 0o600, mode)
	require.Equal(t, []string{"/bin/sh", "-c", "echo one && echo two"}, user.RunCmd[0].Argv())
	require.Equal(t, []string{"touch", "/tmp/x", "7"}, user.RunCmd[1].Argv())
	require.Equal(t, 20*time.Second, user.Plaza.Services[0].StopAfter)
	require.Equal(t, "64MB", user.Plaza.PostgreSQL.Settings["shared_buffers"])
	require.Equal(t, 5432, user.Plaza.PostgreSQL.ListenPort())
	require.Equal(t, []cloudinit.DataVolume{{Label: "data", Path: "/var/lib/postgresql"}}, user.Plaza.Volumes)
}

func TestMarshalledUserDataParsesBack(t *testing.T) {
	user, _, err := cloudinit.ParseUserData([]byte(node))
	require.NoError(t, err)
	data, err := user.Marshal()
	require.NoError(t, err)
	again, warnings, err := cloudinit.ParseUserData(data)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, user, again)
}

func TestAnyTextSurvivesMarshalling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab 'A\"\\:#-{}[]|>%@&*!?,\n\t0é界"))).Draw(t, "text")
		user := cloudinit.UserData{
			WriteFiles: []cloudinit.File{{Path: "/etc/x", Content: text}},
			RunCmd:     []cloudinit.Command{cloudinit.Exec("echo", text), cloudinit.Shell(text)},
			Plaza: &cloudinit.Plaza{Services: []cloudinit.Service{
				{Name: "a", Command: []string{text}, Env: map[string]string{"K": text}},
			}},
		}
		data, err := user.Marshal()
		require.NoError(t, err)
		again, _, err := cloudinit.ParseUserData(data)
		require.NoError(t, err, string(data))
		require.Equal(t, user, *again, string(data))
	})
}

func TestParseUserDataExplainsMistakes(t *testing.T) {
	service := func(text string) string { return "#cloud-config\nplaza:\n  services:\n    - " + text + "\n" }
	for name, test := range map[string]struct{ text, want string }{
		"a script":                {"#!/bin/sh\n", "does not begin with #cloud-config"},
		"not YAML":                {"#cloud-config\na: [", "not YAML"},
		"wrong type":              {"#cloud-config\nwrite_files: 3\n", "user-data"},
		"misspelt plaza key":      {"#cloud-config\nplaza: {service: []}\n", "service"},
		"misspelt service key":    {service("{name: a, command: [a], restarts: never}"), "restarts"},
		"no command":              {service("{name: a}"), "a has no command"},
		"bad name":                {service("{name: A/b, command: [a]}"), "lower-case"},
		"unknown restart policy":  {service("{name: a, command: [a], restart: often}"), "restart \"often\""},
		"after something later":   {service("{name: a, command: [a], after: [b]}"), "starts after b"},
		"after disabled database": {service("{name: a, command: [a], after: [postgresql]}"), "not enabled"},
		"two readiness checks":    {service("{name: a, command: [a], ready: {tcp: x, file: y}}"), "exactly one"},
		"allow without a prefix":  {"#cloud-config\nplaza: {postgresql: {enabled: true, allow: [all]}}\n", "address prefix"},
		"setting breaks its line": {"#cloud-config\nplaza: {postgresql: {settings: {a: \"1\\nb=2\"}}}\n", "cannot be written"},
		"a command that is a map": {"#cloud-config\nruncmd: [{a: b}]\n", "a string or a list"},
		"a role without a name":   {"#cloud-config\nplaza: {postgresql: {roles: [{password: x}]}}\n", "1 to 63 bytes"},
		"a volume on the root":    {"#cloud-config\nplaza: {volumes: [{label: data, path: /}]}\n", "absolute path of a directory"},
		"a volume's long label":   {"#cloud-config\nplaza: {volumes: [{label: far-too-long-a-name, path: /a}]}\n", "at most 12"},
		"a share without a key":   {"#cloud-config\nplaza: {shares: [{path: /a, monitors: [m], fs: f, source: /s, client: c}]}\n", "needs monitors"},
		"a share on a volume":     {"#cloud-config\nplaza: {volumes: [{label: a, path: /a}], shares: [{path: /a, monitors: [m], fs: f, source: /s, client: c, key: k}]}\n", "named twice"},
		"an option in a key":      {"#cloud-config\nplaza: {shares: [{path: /a, monitors: [m], fs: f, source: /s, client: c, key: 'k,x'}]}\n", "cannot be passed"},
		"two volumes on one path": {"#cloud-config\nplaza: {volumes: [{label: a, path: /a}, {label: b, path: /a}]}\n", "named twice"},
		"the same service twice":  {service("{name: a, command: [a]}\n    - {name: a, command: [a]}"), "named twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := cloudinit.ParseUserData([]byte(test.text))
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestEmptyUserDataIsNothingToDo(t *testing.T) {
	user, warnings, err := cloudinit.ParseUserData([]byte("\n"))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, &cloudinit.UserData{}, user)
}

func TestFileRefusesOddEncodingsAndModes(t *testing.T) {
	_, err := cloudinit.File{Path: "/a", Encoding: "gzip"}.Bytes()
	require.ErrorContains(t, err, "gzip")
	_, err = cloudinit.File{Path: "/a", Permissions: "rw"}.Mode()
	require.ErrorContains(t, err, "octal")
	mode, err := cloudinit.File{Path: "/a"}.Mode()
	require.NoError(t, err)
	require.EqualValues(t, 0o644, mode)
}

func TestParseMetaData(t *testing.T) {
	meta, err := cloudinit.ParseMetaData([]byte("instance-id: i-1\nlocal-hostname: app\nextra: 1\n"))
	require.NoError(t, err)
	require.Equal(t, &cloudinit.MetaData{InstanceID: "i-1", LocalHostname: "app"}, meta)
	_, err = cloudinit.ParseMetaData([]byte("local-hostname: app\n"))
	require.ErrorContains(t, err, "instance-id is missing")
}
