package api

import (
	"bytes"
	"encoding/json"
	"maps"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// merge applies a JSON merge patch (RFC 7396) to what is wanted of an object, and checks the outcome like a whole spec.
func (k *kind) merge(o resource.Raw, labels, spec json.RawMessage) (map[string]string, json.RawMessage, error) {
	merged, err := mergeLabels(o.Labels, labels)
	if err != nil || spec == nil {
		return merged, nil, err
	}
	changes, err := number(spec)
	if err != nil || changes == nil {
		return merged, nil, err
	}
	before, err := number(o.Spec)
	if err != nil {
		return nil, nil, err
	}
	after := patched(before, changes)
	data, err := json.Marshal(after)
	if err != nil {
		return nil, nil, err
	}
	return merged, data, k.check(data)
}

// number decodes without losing digits.
func number(data []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(orEmpty(data)))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// mergeLabels applies a patch of labels: none leaves them, null removes them all.
func mergeLabels(have map[string]string, patch json.RawMessage) (map[string]string, error) {
	if patch == nil {
		return nil, nil
	}
	var changes map[string]*string
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	out := map[string]string{}
	if changes != nil {
		maps.Copy(out, have)
	}
	for key, v := range changes {
		if v == nil {
			delete(out, key)
		} else {
			out[key] = *v
		}
	}
	return out, nil
}

func patched(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	fields, ok := target.(map[string]any)
	if !ok {
		fields = map[string]any{}
	}
	for key, v := range changes {
		if v == nil {
			delete(fields, key)
		} else {
			fields[key] = patched(fields[key], v)
		}
	}
	return fields
}

// check validates a whole spec against its schema; secrets that are kept and not shown do not count as missing.
func (k *kind) check(spec json.RawMessage) error {
	var v map[string]any
	if err := json.Unmarshal(spec, &v); err != nil {
		return err
	}
	res := &huma.ValidateResult{}
	path := huma.NewPathBuffer(nil, 0)
	path.Push("body")
	path.Push("spec")
	huma.Validate(k.server.api.OpenAPI().Components.Schemas, k.spec, path, huma.ModeWriteToServer, v, res)
	p := &resource.Problem{Reason: resource.ReasonInvalid, Kind: k.Name, Detail: "the " + k.Name + " would not be valid"}
	for _, err := range res.Errors {
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		if f := fieldOf(d.ErrorDetail()); !k.kept(f, v) {
			p.Fields = append(p.Fields, f)
		}
	}
	if len(p.Fields) == 0 {
		return nil
	}
	return p
}

func (k *kind) kept(f resource.Field, spec map[string]any) bool {
	for _, name := range k.Secrets {
		if _, given := spec[name]; !given && f.Path == "spec."+name {
			return true
		}
	}
	return false
}
