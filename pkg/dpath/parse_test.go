package dpath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return b
}

func parse(t testing.TB, text string) *Document {
	t.Helper()
	d, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	return d
}

func TestT01ImportDamagedSample(t *testing.T) {
	damaged := testdata(t, "damaged.txt")
	_, err := Parse(bytes.NewReader(damaged))
	var invalid *InvalidError
	require.ErrorAs(t, err, &invalid, "strict reading refuses")
	require.Equal(t, "not_json", invalid.Problems[0].Reason)

	doc, lost, err := Repair(bytes.NewReader(damaged))
	require.NoError(t, err)
	var lines []int
	for _, l := range lost {
		lines = append(lines, l.Line)
		require.Equal(t, "machineGroups", l.Field)
		require.Equal(t, "newRetail", l.Env)
	}
	require.Equal(t, []int{8, 11, 14, 17}, lines)
	require.Equal(t, "line 8: lost elements of machineGroups of app1 in newRetail", lost[0].String())
	require.Equal(t, "$.envRules[0].envAppRules[0].machineGroups", lost[0].Path)

	groups := []string{"app1_newRetail_host", "app2_newRetail_host", "app3_newRetail_host", "newRetailEntryApp_host"}
	for i, g := range groups {
		doc.EnvRules[0].EnvAppRules[i].MachineGroups = []string{g}
	}
	got, err := json.Marshal(doc)
	require.NoError(t, err)
	require.JSONEq(t, string(testdata(t, "canonical.json")), string(got))
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, testdata(t, "canonical.json")))
	require.Equal(t, compact.String(), string(got), "one JSON form")
}

// The damage itself: dropping every line without a colon gives the sample.
func TestT01DamageIsLinesWithoutColon(t *testing.T) {
	var kept []string
	for line := range strings.Lines(string(testdata(t, "intact.txt"))) {
		if strings.Contains(line, ":") {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	var want []string
	for line := range strings.Lines(string(testdata(t, "damaged.txt"))) {
		want = append(want, strings.TrimSpace(line))
	}
	require.Equal(t, want, kept)
}

func TestT01RepairOfIntactEqualsParse(t *testing.T) {
	for _, name := range []string{"intact.txt", "canonical.json"} {
		text := testdata(t, name)
		a, err := Parse(bytes.NewReader(text))
		require.NoError(t, err)
		b, lost, err := Repair(bytes.NewReader(text))
		require.NoError(t, err)
		require.Empty(t, lost)
		require.Equal(t, a, b)
	}
	// By lines too, when only the outer braces are missing.
	body := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(testdata(t, "intact.txt"))), "{"), "}")
	a := parse(t, string(testdata(t, "intact.txt")))
	b, lost, err := Repair(strings.NewReader(body))
	require.NoError(t, err)
	require.Empty(t, lost)
	require.Equal(t, a, b)
}

func TestRepairRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":        "\"enable\": true,\n\"colour\": 1",
		"outside its parent": "\"enable\": true,\n\"envName\": \"a\"",
		"app outside env":    "\"envRules\": [\n\"appName\": \"a\"",
		"app before list":    "\"envRules\": [\n\"envName\": \"e\"\n\"appName\": \"a\"",
		"ips at top":         "\"enable\": true,\n\"ips\": [",
		"duplicate":          "\"enable\": true,\n\"enable\": true",
		"two keys":           "\"enable\": true, \"version\": 3",
		"stray string":       "\"enable\": true,\n\"app1_host\"",
		"prose":              "hello: world",
		"bad value":          "\"enable\": tru",
		"object value":       "\"enable\": {\"a\":1},\nx",
		"list expected":      "\"entryApps\": 7,\n\"enable\": true",
		"objects expected":   "\"envRules\": 7,\n\"enable\": true",
		"broken string":      "\"ena",
		"wrong type":         "\"enable\": 1,\n\"version\": 1",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Repair(strings.NewReader(text))
			var invalid *InvalidError
			require.ErrorAs(t, err, &invalid)
		})
	}
	_, _, err := Repair(strings.NewReader(`{"enable": 1}`))
	require.ErrorContains(t, err, "$.enable", "JSON that breaks the model is refused as by Parse")
}

func TestRepairKeepsWhatIsThere(t *testing.T) {
	doc, lost, err := Repair(strings.NewReader(strings.Join([]string{
		`"enable": true,`, `"version": 7,`, `"entryApps": [`, `"gw",`, `"gw2"`, `],`,
		`"envRules": [`, `{ "envName": "a",`, `"failoverPolicy": 1,`, `"envAppRules": [`,
		`"appName": "x",`, `"ips": ["10.0.0.1", "fd00::1"],`, `"machineGroups": [ "g1",`, `"g2", "g3"`, `"failoverPolicy": 0 } ] },`,
		`"envName": "b",`, `"envAppRules": [ ]`,
	}, "\r\n")))
	require.NoError(t, err)
	require.Empty(t, lost)
	require.Equal(t, []string{"gw", "gw2"}, doc.EntryApps)
	x := doc.EnvRules[0].EnvAppRules[0]
	require.Equal(t, []string{"10.0.0.1", "fd00::1"}, x.IPs)
	require.Equal(t, []string{"g1", "g2", "g3"}, x.MachineGroups)
	require.Equal(t, PolicyFailover, *x.FailoverPolicy)
	require.Equal(t, PolicyStrict, doc.EnvRules[0].FailoverPolicy)
	require.Equal(t, "b", doc.EnvRules[1].EnvName)
}

// problemsOf gives "path reason" of every fault of a text.
func problemsOf(err error) []string {
	var invalid *InvalidError
	var out []string
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			out = append(out, p.Path+" "+p.Reason)
		}
	}
	return out
}

func TestParseRefusesByPath(t *testing.T) {
	env := func(s string) string { return `{"enable":true,"envRules":[` + s + `]}` }
	app := func(s string) string { return env(`{"envName":"a","failoverPolicy":0,"envAppRules":[` + s + `]}`) }
	ident := func(s string) string {
		return `{"enable":true,"envRules":[{"envName":"a","failoverPolicy":0,"envAppRules":[]}],"identify":[{"envName":"a","conditions":[` + s + `]}]}`
	}
	for text, want := range map[string]string{
		`{"enable":true,"colour":{"a":[1]}}`:    "$.colour unknown_field",
		`{"Enable":true}`:                       "$.Enable unknown_field",
		`{"enable":true,"enable":false}`:        "$.enable duplicate_field",
		`{"enable":"yes"}`:                      "$.enable wrong_type",
		`{"enable":true,"envRules":{"a":[{}]}}`: "$.envRules wrong_type",
		`{"version":-1}`:                        "$.version wrong_type",
		`{"version":1.5}`:                       "$.version wrong_type",
		`{"envRules":null}`:                     "$.envRules wrong_type",
		`[]`:                                    "$ wrong_type",
		`{} {}`:                                 "$ not_json",
		`{"enable":tru`:                         "$ not_json",
		``:                                      "$ not_json",
		"{\"a\":\"\xff\"}":                      "$ not_utf8",
		`{"enable":true,"entryApps":["a b"]}`:   "$.entryApps[0] bad_name",
		`{"trust":{"hosts":["http://x/"]}}`:     "$.trust.hosts[0] bad_name",
		env(`{"envName":"1a","failoverPolicy":0}`):                                                  "$.envRules[0].envName bad_name",
		env(`{"envName":"a"},{"envName":"a"}`):                                                      "$.envRules[1].envName duplicate_env",
		env(`{"envName":"a","failoverPolicy":3}`):                                                   "$.envRules[0].failoverPolicy out_of_range",
		env(`{"envName":"a","failoverPolicy":"never"}`):                                             "$.envRules[0].failoverPolicy wrong_type",
		env(`{"envName":"a","failoverPolicy":null}`):                                                "$.envRules[0].failoverPolicy wrong_type",
		env(`{"envName":"a","minHealthy":"many"}`):                                                  "$.envRules[0].minHealthy wrong_type",
		env(`{"envName":"a","minHealthy":"101%"}`):                                                  "$.envRules[0].minHealthy out_of_range",
		env(`{"envName":"a","minHealthy":-1}`):                                                      "$.envRules[0].minHealthy out_of_range",
		env(`{"envName":"a","spillAt":-1}`):                                                         "$.envRules[0].spillAt out_of_range",
		env(`{"envName":"a","notBefore":"tomorrow"}`):                                               "$ wrong_type",
		env(`{"envName":"a","notBefore":"2026-11-12T00:00:00Z","notAfter":"2026-11-11T00:00:00Z"}`): "$.envRules[0].notAfter empty_window",
		env(`{"envName":"a","failoverPolicy":2,"envAppRules":[{"appName":"x"}]}`):                   "$.envRules[0].spillAt missing",
		app(`{"appName":"x y"}`):                                                                    "$.envRules[0].envAppRules[0].appName bad_name",
		app(`{"appName":"x"},{"appName":"x"}`):                                                      "$.envRules[0].envAppRules[1].appName duplicate_app",
		app(`{"appName":"x","state":"on"}`):                                                         "$.envRules[0].envAppRules[0].state bad_value",
		app(`{"appName":"x","failoverPolicy":9}`):                                                   "$.envRules[0].envAppRules[0].failoverPolicy out_of_range",
		app(`{"appName":"x","ips":["10.0.0.256"]}`):                                                 "$.envRules[0].envAppRules[0].ips[0] bad_address",
		app(`{"appName":"x","ips":["0.0.0.0"]}`):                                                    "$.envRules[0].envAppRules[0].ips[0] bad_address",
		app(`{"appName":"x","ips":["10.0.0.1:0"]}`):                                                 "$.envRules[0].envAppRules[0].ips[0] bad_address",
		app(`{"appName":"x","ips":["10.0.0.1","10.0.0.1:80"]}`):                                     "$.envRules[0].envAppRules[0].ips[1] duplicate_node",
		app(`{"appName":"x","ips":[7]}`):                                                            "$.envRules[0].envAppRules[0].ips[0] wrong_type",
		app(`{"appName":"x","machineGroups":["a b"]}`):                                              "$.envRules[0].envAppRules[0].machineGroups[0] bad_name",
		app(`{"appName":"x","machineGroups":["g","g"]}`):                                            "$.envRules[0].envAppRules[0].machineGroups[1] duplicate_node",
		ident(``): "$.identify[0].conditions missing",
		ident(`{"type":"header","op":"present"}`):                                                                                "$.identify[0].conditions[0].key missing",
		ident(`{"type":"path","key":"x","op":"present"}`):                                                                        "$.identify[0].conditions[0].key unexpected",
		ident(`{"type":"moon","op":"present"}`):                                                                                  "$.identify[0].conditions[0].type bad_value",
		ident(`{"type":"path","op":"like"}`):                                                                                     "$.identify[0].conditions[0].op bad_value",
		ident(`{"type":"path","op":"equal"}`):                                                                                    "$.identify[0].conditions[0].value wrong_count",
		ident(`{"type":"path","op":"in"}`):                                                                                       "$.identify[0].conditions[0].value missing",
		ident(`{"type":"path","op":"present","value":["x"]}`):                                                                    "$.identify[0].conditions[0].value unexpected",
		ident(`{"type":"path","op":"regex","value":["("]}`):                                                                      "$.identify[0].conditions[0].value[0] bad_regex",
		ident(`{"type":"path","op":"regex","value":["` + strings.Repeat("a", 257) + `"]}`):                                       "$.identify[0].conditions[0].value[0] too_long",
		ident(`{"type":"memberId","op":"percentage","value":["101"]}`):                                                           "$.identify[0].conditions[0].value[0] out_of_range",
		ident(`{"type":"memberId","op":"percentage","value":["1.234"]}`):                                                         "$.identify[0].conditions[0].value[0] out_of_range",
		ident(`{"type":"sourceCIDR","op":"equal","value":["10.0.0.0/8"]}`):                                                       "$.identify[0].conditions[0].op bad_value",
		ident(`{"type":"sourceCIDR","op":"in","value":["10.0.0.0"]}`):                                                            "$.identify[0].conditions[0].value[0] bad_cidr",
		`{"enable":true,"envRules":[],"identify":[{"envName":"z","logic":"xor","conditions":[{"type":"path","op":"present"}]}]}`: "$.identify[0].envName unknown_env",
	} {
		_, err := Parse(strings.NewReader(text))
		require.Contains(t, problemsOf(err), want, text)
	}
	_, err := Parse(strings.NewReader(`{"enable":true,` + strings.Repeat(" ", MaxDocumentBytes) + `}`))
	require.Equal(t, []string{"$ too_large"}, problemsOf(err))
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, `,"x%d":1`, i)
	}
	_, err = Parse(strings.NewReader(`{"enable":true` + many.String() + `}`))
	require.Len(t, problemsOf(err), maxProblems)
	require.ErrorContains(t, err, "and 97 more")
}

// T20: one node in two environments, groups, IPv6 and ports.
func TestT20Validation(t *testing.T) {
	two := func(a, b string) *Document {
		return &Document{Enable: true, EnvRules: []EnvRule{
			{EnvName: "a", EnvAppRules: []EnvAppRule{{AppName: "x", IPs: []string{a}}}},
			{EnvName: "b", EnvAppRules: []EnvAppRule{{AppName: "x", IPs: []string{b}}}},
		}}
	}
	for _, c := range []struct {
		a, b string
		ok   bool
	}{
		{"10.0.0.1", "10.0.0.1", false},
		{"10.0.0.1", "10.0.0.1:80", false},
		{"10.0.0.1:80", "10.0.0.1:81", true},
		{"10.0.0.1", "10.0.0.2", true},
		{"fd00::1", "FD00:0::1", false},
		{"[fd00::1]:80", "fd00::1", false},
		{"[fd00::1]:80", "[fd00::1]:81", true},
		{"::ffff:10.0.0.1", "10.0.0.1", false},
	} {
		_, err := two(c.a, c.b).Validate(nil)
		if c.ok {
			require.NoError(t, err, "%s %s", c.a, c.b)
		} else {
			require.Equal(t, []string{"$.envRules[1].envAppRules[0].ips[0] node_in_two_envs"}, problemsOf(err), "%s %s", c.a, c.b)
		}
	}

	grouped := &Document{Enable: true, EnvRules: []EnvRule{
		{EnvName: "a", EnvAppRules: []EnvAppRule{{AppName: "x", MachineGroups: []string{"g"}}}},
		{EnvName: "b", EnvAppRules: []EnvAppRule{{AppName: "x", MachineGroups: []string{"g"}}, {AppName: "y", MachineGroups: []string{"gone"}}}},
	}}
	_, err := grouped.Validate(GroupSet{"g": {}})
	require.Equal(t, []string{
		"$.envRules[1].envAppRules[0].machineGroups[0] node_in_two_envs",
		"$.envRules[1].envAppRules[1].machineGroups[0] unknown_group",
	}, problemsOf(err))

	warnings, err := two("10.0.0.1", "10.0.0.2").Validate(nil)
	require.NoError(t, err)
	require.Equal(t, "no_entry_app", warnings[0].Reason)
}

func TestPolicyAndQuorumForms(t *testing.T) {
	d := parse(t, `{"enable":true,"entryApps":["gw"],"envRules":[{"envName":"a","failoverPolicy":"spill","minHealthy":"50%","spillAt":4,"envAppRules":[{"appName":"x","failoverPolicy":"strict"}]}],"trust":{"hosts":["pay.example"]}}`)
	require.Equal(t, PolicySpill, d.EnvRules[0].FailoverPolicy)
	require.Equal(t, 2, d.EnvRules[0].MinHealthy.Of(3))
	require.Equal(t, 1, Quorum{}.Of(0))
	require.Equal(t, 3, Quorum{N: 3}.Of(9))
	require.Equal(t, "strict", d.EnvRules[0].EnvAppRules[0].FailoverPolicy.String())
	require.Equal(t, "policy(7)", Policy(7).String())
	text, err := json.Marshal(d)
	require.NoError(t, err)
	require.Equal(t, d, parse(t, string(text)), "round trip")
}

func FuzzParse(f *testing.F) {
	f.Add(testdata(f, "canonical.json"))
	f.Add(testdata(f, "damaged.txt"))
	f.Add([]byte(`{"enable":true,"envRules":[{"envName":"a","minHealthy":"5%","failoverPolicy":"spill","spillAt":2}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := json.Marshal(d)
		require.NoError(t, err)
		_, err = Parse(bytes.NewReader(again))
		require.NoError(t, err, "what is accepted can be written and read again")
	})
}

func FuzzRepair(f *testing.F) {
	f.Add(testdata(f, "damaged.txt"))
	f.Add(testdata(f, "intact.txt"))
	f.Add([]byte("\"enable\": true,\n\"entryApps\": [\n\"a\",\n]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		strict, strictErr := Parse(bytes.NewReader(text))
		d, lost, err := Repair(bytes.NewReader(text))
		if strictErr == nil {
			require.NoError(t, err)
			require.Empty(t, lost)
			require.Equal(t, strict, d)
		}
		if err == nil {
			_, err = d.Validate(nil)
			require.NoError(t, err)
		}
	})
}
