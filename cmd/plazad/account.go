package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// newResetPasswordCommand is for whoever has the machine but no password; a plazad may be running meanwhile.
func newResetPasswordCommand() *cobra.Command {
	var o options
	factor := false
	cmd := &cobra.Command{Use: "reset-password USER", Short: "Give a user a new password and print it, this once", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return withPeople(cmd.Context(), o, func(ctx context.Context, people *tenancy.Service) error {
			if factor {
				if err := people.ResetFactor(ctx, resource.System("plazad reset-password"), args[0]); err != nil {
					return err
				}
			}
			return runResetPassword(ctx, people, args[0], cmd.OutOrStdout())
		})
	}}
	o.AddFlags(cmd)
	cmd.Flags().BoolVar(&factor, "reset-totp", false, "take the user's second factor away as well")
	return cmd
}

func runResetPassword(ctx context.Context, people *tenancy.Service, user string, out io.Writer) error {
	random := make([]byte, 18)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	password := base64.RawURLEncoding.EncodeToString(random)
	if err := people.ResetPassword(ctx, resource.System("plazad reset-password"), user, password); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, password)
	return err
}

// newSeedCommand makes a small retail group to try things out with.
func newSeedCommand() *cobra.Command {
	var o options
	var format string
	cmd := &cobra.Command{Use: "seed", Short: "Add a small retail group with accounts to try things out; print them as JSON", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if format != "json" {
			return fmt.Errorf("output %q: there is only json", format)
		}
		return withPeople(cmd.Context(), o, func(ctx context.Context, people *tenancy.Service) error {
			return runSeed(ctx, people, cmd.OutOrStdout())
		})
	}}
	o.AddFlags(cmd)
	cmd.Flags().StringVarP(&format, "output", "o", "json", "json")
	return cmd
}

// seededNode and seededAccount are what scripts read; passwords are there only for accounts made by this call.
type seededNode struct {
	ID       string           `json:"id"`
	Type     tenancy.NodeType `json:"type"`
	FullName string           `json:"fullName"`
	Title    string           `json:"title"`
}

type seededAccount struct {
	Name     string       `json:"name"`
	Role     tenancy.Role `json:"role"`
	Node     string       `json:"node,omitempty"`
	Password string       `json:"password,omitempty"`
}

func runSeed(ctx context.Context, people *tenancy.Service, out io.Writer) error {
	s, err := people.Seed(ctx, nil)
	if err != nil {
		return err
	}
	answer := struct {
		Nodes    []seededNode    `json:"nodes"`
		Accounts []seededAccount `json:"accounts"`
		Changed  bool            `json:"changed"`
	}{[]seededNode{}, []seededAccount{}, s.Changed}
	for _, n := range s.Nodes {
		answer.Nodes = append(answer.Nodes, seededNode{n.ID, n.Type, n.FullName, n.Title})
	}
	for _, a := range s.Accounts {
		answer.Accounts = append(answer.Accounts, seededAccount{a.Name, a.Role, a.Node, a.Password})
	}
	return json.NewEncoder(out).Encode(answer)
}

// withPeople opens the database of the settings, bootstrapped, for one task.
func withPeople(ctx context.Context, o options, task func(context.Context, *tenancy.Service) error) error {
	c, err := o.load()
	if err != nil {
		return err
	}
	log, err := c.log()
	if err != nil {
		return err
	}
	return withDatabase(ctx, c.Database, func(db *store.DB) error {
		people := tenancy.New(db, nil)
		if err := bootstrap(ctx, people, c.Dir, log); err != nil {
			return err
		}
		return task(ctx, people)
	})
}

// withDatabase opens a database, with the schema of this version, for one task.
func withDatabase(ctx context.Context, url string, task func(*store.DB) error) error {
	db, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	if err = db.Migrate(ctx); err == nil {
		err = task(db)
	}
	return errors.Join(err, db.Close())
}
