package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/schema"
)

type migrateOptions struct {
	adminURL, secret, logLevel string
	modules                    []string
	wait                       time.Duration
}

func newMigrateCommand() *cobra.Command {
	var o migrateOptions
	cmd := &cobra.Command{
		Use: "migrate", Short: "Prepare PostgreSQL: database, roles, schemas and tables", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrate(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.adminURL, "admin-url", "", "postgres://admin:…@host:5432/database of a role that may create roles, schemas and extensions")
	f.StringSliceVar(&o.modules, "modules", daemon.Apps(), "service centres to prepare")
	f.DurationVar(&o.wait, "wait", 5*time.Minute, "how long to wait for PostgreSQL to answer")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	addSecret(cmd, &o.secret)
	return cmd
}

func runMigrate(ctx context.Context, o migrateOptions) error {
	log, err := newLog(o.logLevel)
	if err != nil {
		return err
	}
	if o.adminURL == "" || len(o.secret) < 16 {
		return errors.New("needs --admin-url (PLAZA_RETAIL_ADMIN_URL) and a secret of 16 characters or more (PLAZA_RETAIL_SECRET)")
	}
	return schema.Migrate(ctx, schema.Options{AdminURL: o.adminURL, Schemas: o.modules, Wait: o.wait, Log: log,
		Password: func(role string) string {
			if p := passwordFromEnvironment(role); p != "" {
				return p
			}
			return schema.Password(o.secret, role)
		}})
}

func newPasswordCommand() *cobra.Command {
	var secret string
	cmd := &cobra.Command{
		Use: "password ROLE", Short: "Print the database password of one centre's role", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), schema.Password(secret, args[0]))
			return err
		},
	}
	addSecret(cmd, &secret)
	return cmd
}
