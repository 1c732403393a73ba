package runbook

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/plazacloud/plaza/pkg/resource"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// Install makes the runbooks that come with Plaza be as this version has them. One of the same name that somebody has made
// stays theirs.
func (k *Keeper) Install(ctx context.Context) error {
	return fs.WalkDir(builtin, "builtin", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		spec, err := readBuiltin(path)
		if err != nil {
			return fmt.Errorf("runbook %s: %w", path, err)
		}
		name := strings.TrimSuffix(d.Name(), ".yaml")
		have, err := k.objects.View(resource.Everything).Get(ctx, "runbook", "", name)
		switch {
		case resource.ReasonOf(err) == resource.ReasonNotFound:
		case err != nil:
			return err
		case len(resource.Lookup(have, "spec.builtin")) == 0:
			k.log.Warn("a runbook that comes with Plaza is not installed: somebody has made one of that name", "runbook", name)
			return nil
		}
		_, err = k.objects.Apply(ctx, resource.Request{Kind: "runbook", Name: name, Spec: spec, Actor: resource.System("builtin")})
		return err
	})
}

func readBuiltin(path string) (json.RawMessage, error) {
	text, err := builtin.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var spec map[string]any
	if err := yaml.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	spec["builtin"] = true
	return json.Marshal(spec)
}
