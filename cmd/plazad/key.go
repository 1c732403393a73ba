package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// sealingKey is the file of keys in the folder of an installation.
const sealingKey = "sealing.key"

// newKeyCommand changes the sealing key in steps, between which the file goes to every plazad and each is started anew: so
// that at any time all of them open what any of them seals.
func newKeyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Change the sealing key: add, use, reseal, drop", Args: cobra.NoArgs}
	step := func(use, short string, run func(cmd *cobra.Command, c keyring) error) {
		var o options
		sub := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := openKeyring(o)
			if err != nil {
				return err
			}
			return run(cmd, k)
		}}
		o.AddFlags(sub)
		cmd.AddCommand(sub)
	}
	step("add", "Make a new key, which opens and does not seal yet", func(cmd *cobra.Command, k keyring) error {
		keys, err := k.keys.Add()
		if err == nil {
			err = keys.Save(k.path)
		}
		return k.tell(cmd, err, "%d keys are in %s; bring it to every plazad, start each anew, then: plazad key use", len(keys), k.path)
	})
	step("use", "Seal with the newest key from now on", func(cmd *cobra.Command, k keyring) error {
		if len(k.keys) < 2 {
			return errors.New("there is one key only: plazad key add makes another")
		}
		return k.tell(cmd, k.keys.Use().Save(k.path), "bring %s to every plazad, start each anew, then: plazad key reseal", k.path)
	})
	step("reseal", "Seal anew what older keys have sealed; plazad may be running", func(cmd *cobra.Command, k keyring) error {
		return k.withSealed(cmd.Context(), func(ctx context.Context, objects *resource.Store, people *tenancy.Service) error {
			more, err := people.Reseal(ctx, resource.System("plazad key"))
			if err != nil {
				return err
			}
			n, err := objects.Reseal(ctx, resource.System("plazad key"))
			return k.tell(cmd, err, "%d objects are sealed anew; to be rid of older keys: plazad key drop", n+more)
		})
	})
	step("drop", "Take older keys out of the file, unless something is still sealed by one", func(cmd *cobra.Command, k keyring) error {
		return k.withSealed(cmd.Context(), func(ctx context.Context, objects *resource.Store, people *tenancy.Service) error {
			left, err := objects.Resealed(ctx)
			more, failed := people.Resealed(ctx)
			if err = errors.Join(err, failed); err == nil && left+more > 0 {
				err = fmt.Errorf("%d objects are sealed by an older key: plazad key reseal", left+more)
			}
			if err == nil {
				err = k.keys[:1].Save(k.path)
			}
			return k.tell(cmd, err, "one key is left in %s", k.path)
		})
	})
	return cmd
}

// keyring is the file of an installation's keys.
type keyring struct {
	path, database string
	keys           resource.Keys
}

func openKeyring(o options) (keyring, error) {
	c, err := o.load()
	if err != nil {
		return keyring{}, err
	}
	k := keyring{path: filepath.Join(c.Dir, sealingKey), database: c.Database}
	k.keys, err = resource.LoadKeys(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is no folder of an installation, which plazad run has made: there is no %s; say which with --dir", c.Dir, sealingKey)
	}
	return k, err
}

func (k keyring) tell(cmd *cobra.Command, err error, format string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	}
	return err
}

// withSealed opens what holds something sealed: objects, and people's second factors and identity providers.
func (k keyring) withSealed(ctx context.Context, task func(context.Context, *resource.Store, *tenancy.Service) error) error {
	sealer, err := resource.NewSealer(k.keys...)
	if err != nil {
		return err
	}
	return withDatabase(ctx, k.database, func(db *store.DB) error {
		objects := resource.NewStore(resource.Config{DB: db, Registry: resource.NewRegistry(), Sealer: sealer})
		defer objects.Close()
		people := tenancy.New(db, nil)
		people.UseSealer(sealer)
		return task(ctx, objects, people)
	})
}
