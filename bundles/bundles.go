// Package bundles carries the blueprints that come with Plaza.
package bundles

import "embed"

// FS holds one folder per blueprint, each with a blueprint.yaml.
//
//go:embed */blueprint.yaml
var FS embed.FS
