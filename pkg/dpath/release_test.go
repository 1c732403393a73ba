package dpath_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
)

func TestReleaseIsReadAsWritten(t *testing.T) {
	in := dpath.Release{
		Document: &dpath.Document{Enable: true, EnvRules: []dpath.EnvRule{{EnvName: "a", EnvAppRules: []dpath.EnvAppRule{{AppName: "x", MachineGroups: []string{"g"}}}}}, EntryApps: []string{"x"}},
		Registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{"x": {{ID: "x-0", Addr: "10.0.0.1:80"}}}, Groups: map[string][]string{"g": {}}},
	}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	out, err := dpath.ParseRelease(strings.NewReader(string(text)))
	require.NoError(t, err)
	require.Equal(t, in.Registry, out.Registry)
	require.Equal(t, "a", out.Document.EnvRules[0].EnvName)
}

func TestReleaseIsRefusedWhole(t *testing.T) {
	for name, c := range map[string]struct{ text, path string }{
		"no JSON":         {`{`, "$"},
		"another field":   {`{"document":{"enable":true},"registry":{},"keys":{}}`, "$"},
		"text after it":   {`{"document":{"enable":true},"registry":{}} x`, "$"},
		"no document":     {`{"registry":{}}`, "$.document"},
		"no registry":     {`{"document":{"enable":true}}`, "$.registry"},
		"a wrong node":    {`{"document":{"enable":true},"registry":{"apps":{"x":[{"id":"a","addr":"10.0.0.1"}]}}}`, "$.registry"},
		"a wrong policy":  {`{"document":{"enable":true,"envRules":[{"envName":"a","failoverPolicy":7}]},"registry":{}}`, "$.envRules[0].failoverPolicy"},
		"a wrong spelled": {`{"document":{"Enable":true},"registry":{}}`, "$.Enable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dpath.ParseRelease(strings.NewReader(c.text))
			var invalid *dpath.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, c.path, invalid.Problems[0].Path)
		})
	}
}
