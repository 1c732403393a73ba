package resource

import "encoding/json"

// seal moves the secret fields out of the spec into an encrypted map.
func (s *Store) seal(def *Definition, id string, spec json.RawMessage) (json.RawMessage, []byte, error) {
	if len(def.Secrets) == 0 {
		return spec, nil, nil
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(spec, &fields); err != nil {
		return nil, nil, err
	}
	secret := map[string]json.RawMessage{}
	for _, name := range def.Secrets {
		if v, ok := fields[name]; ok && string(v) != `""` && string(v) != "null" {
			secret[name] = v
		}
		delete(fields, name)
	}
	open, err := json.Marshal(fields)
	if err != nil || len(secret) == 0 {
		return open, nil, err
	}
	plain, err := json.Marshal(secret)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := s.sealer.Seal(id, plain)
	return open, sealed, err
}

func (s *Store) unseal(id string, spec json.RawMessage, sealed []byte) (json.RawMessage, error) {
	plain, err := s.sealer.Open(id, sealed)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(orEmpty(spec), &fields); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(plain, &fields); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}
