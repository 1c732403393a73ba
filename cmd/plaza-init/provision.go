package main

import (
	"fmt"
	"strings"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// seededComment on a database says that the seed's own statements have been carried out in it.
const seededComment = "seeded by plaza-init"

// provisionSQL is a psql script that may be run again: roles and databases are made when missing, passwords are set, and
// the seed's own statements follow once in the first database.
func provisionSQL(config *cloudinit.PostgreSQL) string {
	var script strings.Builder
	for _, role := range config.Roles {
		writeRole(&script, role)
	}
	for _, database := range config.Databases {
		writeDatabase(&script, database)
	}
	if len(config.SQL) > 0 {
		target := "postgres"
		if len(config.Databases) > 0 {
			target = config.Databases[0].Name
		}
		writeSeed(&script, target, config.SQL)
	}
	return script.String()
}

// writeSeed commits the statements together with the comment, so that a power cut anywhere neither halves nor repeats them.
func writeSeed(script *strings.Builder, target string, statements []string) {
	if target != "postgres" {
		fmt.Fprintf(script, "\\connect %s\n", connectName(target))
	}
	fmt.Fprintf(script, "SELECT coalesce(shobj_description(oid, 'pg_database'), '') <> %s AS unseeded FROM pg_database "+
		"WHERE datname = current_database() \\gset\n\\if :unseeded\nBEGIN;\n", quoteText(seededComment))
	for _, statement := range statements {
		script.WriteString(strings.TrimRight(strings.TrimSpace(statement), ";") + "\n;\n")
	}
	fmt.Fprintf(script, "COMMENT ON DATABASE %s IS %s;\nCOMMIT;\n\\endif\n", quoteName(target), quoteText(seededComment))
}

func writeRole(script *strings.Builder, role cloudinit.Role) {
	missing := fmt.Sprintf("WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = %s) \\gexec\n", quoteText(role.Name))
	fmt.Fprintf(script, "SELECT %s %s", quoteText("CREATE ROLE "+quoteName(role.Name)), missing)
	attributes := "LOGIN NOSUPERUSER"
	if role.Superuser {
		attributes = "LOGIN SUPERUSER"
	}
	if role.Password != "" {
		attributes += " PASSWORD " + quoteText(role.Password)
	}
	fmt.Fprintf(script, "ALTER ROLE %s %s;\n", quoteName(role.Name), attributes)
}

func writeDatabase(script *strings.Builder, database cloudinit.Database) {
	missing := fmt.Sprintf("WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = %s) \\gexec\n", quoteText(database.Name))
	// Copying template0's files beats logging each block, and nobody else is connected yet.
	create := "CREATE DATABASE " + quoteName(database.Name) + " TEMPLATE template0 STRATEGY file_copy"
	fmt.Fprintf(script, "SELECT %s %s", quoteText(create), missing)
	if database.Owner != "" {
		fmt.Fprintf(script, "ALTER DATABASE %s OWNER TO %s;\n", quoteName(database.Name), quoteName(database.Owner))
	}
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText is independent of standard_conforming_strings.
func quoteText(text string) string {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// connectName quotes a name for psql's \connect as a connection string, where a bare name could be read as options.
func connectName(name string) string {
	value := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name)
	return quoteName("dbname='" + value + "'")
}
