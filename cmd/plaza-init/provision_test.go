package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

func TestProvisionSQLQuotesNamesAndTexts(t *testing.T) {
	require.Equal(t, `"a""b"`, quoteName(`a"b`))
	require.Equal(t, `'it''s'`, quoteText(`it's`))
	require.Equal(t, ` E'a\\''b'`, quoteText(`a\'b`))
	require.Equal(t, `"dbname='re\'t'"`, connectName(`re't`))
}

func TestProvisionSQLSeedsOnceAndTogether(t *testing.T) {
	script := provisionSQL(&cloudinit.PostgreSQL{
		Databases: []cloudinit.Database{{Name: "retail", Owner: "retail"}},
		SQL:       []string{"SELECT 1; -- note"},
	})
	require.Contains(t, script, "\\connect \"dbname='retail'\"\n")
	require.Contains(t, script, "\\if :unseeded\nBEGIN;\nSELECT 1; -- note\n;\nCOMMENT ON DATABASE \"retail\" IS 'seeded by plaza-init';\nCOMMIT;\n")
	require.Empty(t, provisionSQL(&cloudinit.PostgreSQL{}))
}

func TestServerConfigLetsTheSeedWin(t *testing.T) {
	text := serverConfig(&cloudinit.PostgreSQL{Listen: "0.0.0.0", Port: 6000, Settings: map[string]string{"jit": "on", "application_name": "it's"}})
	for _, line := range []string{"listen_addresses = '0.0.0.0'\n", "port = '6000'\n", "jit = 'on'\n", "application_name = 'it''s'\n"} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "jit = 'off'")
	require.Contains(t, accessConfig(&cloudinit.PostgreSQL{Allow: []string{"10.0.0.0/8"}}), "host all all 10.0.0.0/8 scram-sha-256\n")
}
