package kinds

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	maxConfigBytes = 256 << 10
	configVersions = 100 // how many of a config are kept
)

// Formats of a config's document.
const (
	configJSON    = "json"
	configYAML    = "yaml"
	configText    = "text"
	configDpath   = "dpath"
	configRelease = "dpath-release"
)

// ConfigSpec is a document that services take over while they run.
type ConfigSpec struct {
	Format   string `json:"format" enum:"json,yaml,text,dpath,dpath-release" doc:"What the document must be valid as; dpath is a rule document of dedicated paths, dpath-release one with the nodes it is about, as a dpathchain publishes it"`
	Document string `json:"document" maxLength:"262144" doc:"At most 256 KiB of UTF-8; everybody who may read the project reads it, so no secrets"`
	Comment  string `json:"comment,omitempty" maxLength:"512" doc:"Why it was changed"`
}

// ConfigStatus tells the version in force and how far the subscribers are.
type ConfigStatus struct {
	Version     int64  `json:"version,omitempty" doc:"Grows by one with each change; a rollback makes a new one, too"`
	Hash        string `json:"hash,omitempty" doc:"SHA-256 of the document, in hex"`
	Subscribers int    `json:"subscribers" doc:"How many ever acknowledged a version"`
	Applied     int    `json:"applied" doc:"How many of them apply this version"`
	Refused     int    `json:"refused" doc:"How many of them refused this version"`
}

// Config is a document of the configuration centre.
type Config = resource.Object[ConfigSpec, ConfigStatus]

// RollbackInput is what rollback takes.
type RollbackInput struct {
	Version int64  `json:"version" minimum:"1" doc:"The version whose document is put in force again"`
	Comment string `json:"comment,omitempty" maxLength:"512" doc:"Why; without it the version is named"`
}

func configKind() resource.Kind[ConfigSpec, ConfigStatus] {
	return resource.Kind[ConfigSpec, ConfigStatus]{
		Name: "config", Plural: "configs", Doc: "A versioned document that is pushed to the services that follow it.",
		Columns: []resource.Column{{Header: "FORMAT", Path: "spec.format"}, {Header: "VERSION", Path: "status.version"}, {Header: "SUBSCRIBERS", Path: "status.subscribers"},
			{Header: "APPLIED", Path: "status.applied"}, {Header: "REFUSED", Path: "status.refused"}, {Header: "COMMENT", Path: "spec.comment"}},
		Indexed: []string{"spec.format"},
		Charge:  func(*Config) resource.Charges { return resource.Charges{"configs": 1} },
		Versions: &resource.Versions[ConfigSpec, ConfigStatus]{Keep: configVersions,
			Describe: func(s ConfigSpec) (string, string) { return documentHash(s.Document), s.Comment },
			Tally: func(o *Config, t resource.Tally) {
				o.Status.Subscribers, o.Status.Applied, o.Status.Refused = t.Subscribers, t.Applied, t.Refused
			}},
		Validate: func(_ context.Context, _ *resource.Admission, old, o *Config) error {
			o.Status = ConfigStatus{Version: 1, Hash: documentHash(o.Spec.Document)}
			if old != nil {
				o.Status.Version = old.Generation
				if old.Spec == o.Spec {
					return nil
				}
				o.Status.Version++
			}
			return checkConfig(o.Spec)
		},
		Actions: map[string]resource.Action[ConfigSpec, ConfigStatus]{
			"rollback": {Doc: "Put an earlier version's document in force again, as a new version.", Input: &RollbackInput{}, Apply: rollback},
		},
	}
}

func documentHash(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// checkConfig refuses what is not wholly valid in its format: subscribers shall never see it.
func checkConfig(s ConfigSpec) error {
	refuse := func(hint, format string, args ...any) error {
		p := resource.Invalid("config", "spec.document", nil, format, args...)
		p.Hint = hint
		return p
	}
	switch {
	case len(s.Document) > maxConfigBytes:
		return refuse("split it into several configs", "has %d bytes; at most 256 KiB are taken", len(s.Document))
	case strings.ContainsRune(s.Document, 0):
		return refuse("encode binary data as base64", "holds a NUL byte")
	case len(s.Comment) > 512 || strings.ContainsRune(s.Comment, 0):
		return resource.Invalid("config", "spec.comment", nil, "is at most 512 bytes long, without NUL")
	}
	switch s.Format {
	case configJSON:
		if err := oneJSON(s.Document); err != nil {
			return refuse("check it with: jq . FILE", "is not one JSON value: %v", err)
		}
	case configYAML:
		if err := allYAML(s.Document); err != nil {
			return refuse("indent with spaces and quote what holds a colon", "is not YAML: %v", err)
		}
	case configDpath:
		if _, err := dpath.Parse(strings.NewReader(s.Document)); err != nil {
			return refuseDpath(err)
		}
	case configRelease:
		if _, err := dpath.ParseRelease(strings.NewReader(s.Document)); err != nil {
			return refuseDpath(err)
		}
	case configText:
	default:
		return resource.Invalid("config", "spec.format", s.Format, "is none of json, yaml, text, dpath, dpath-release")
	}
	return nil
}

func oneJSON(text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("it is empty")
		}
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows after the value")
	}
	return nil
}

// allYAML reads a YAML stream without unfolding its aliases, which could take for ever.
func allYAML(text string) error {
	d := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := keysOnce(&n); err != nil {
			return err
		}
	}
}

// keysOnce refuses maps that have a key twice, of which readers would take one or the other.
func keysOnce(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		seen := map[string]bool{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind == yaml.ScalarNode && seen[key.Value] {
				return fmt.Errorf("line %d: the key %q is there twice", key.Line, key.Value)
			}
			seen[key.Value] = seen[key.Value] || key.Kind == yaml.ScalarNode
		}
	}
	for _, c := range n.Content {
		if err := keysOnce(c); err != nil {
			return err
		}
	}
	return nil
}

// refuseDpath names every fault of a rule document by its path.
func refuseDpath(err error) error {
	p := resource.Invalid("config", "spec.document", nil, "is not a rule document: %v", err)
	p.Hint = "try it first with: plaza dpath explain --rules FILE --registry FILE"
	var faults *dpath.InvalidError
	if !errors.As(err, &faults) {
		return p
	}
	p.Fields = nil
	for _, f := range faults.Problems[:min(len(faults.Problems), 50)] {
		p.Fields = append(p.Fields, resource.Field{Path: "spec.document:" + f.Path, Message: f.Message})
	}
	return p
}

// rollback writes an earlier document again; what is valid is judged anew, by the rules of today.
func rollback(ctx context.Context, a *resource.Admission, o *Config, input any) error {
	in := input.(*RollbackInput)
	if in.Version == o.Generation {
		return resource.Problemf(resource.ReasonConflict, "config", "see what is kept with: plaza config history "+o.Name, "config %s is at version %d already", o.Name, in.Version)
	}
	v, err := a.Version(ctx, o.Meta, in.Version)
	if err != nil {
		return err
	}
	var old ConfigSpec
	if err := json.Unmarshal(v.Spec, &old); err != nil {
		return fmt.Errorf("version %d of config %s: %w", in.Version, o.ID, err)
	}
	old.Comment = in.Comment
	if old.Comment == "" {
		old.Comment = fmt.Sprintf("rollback to version %d", in.Version)
	}
	o.Spec = old
	return nil
}
