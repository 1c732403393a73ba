package surface

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
)

// Memory is what the answers told: ids and names by collection, so that requests are about what there is.
type Memory struct {
	mu     sync.Mutex
	known  map[string][]string
	made   map[string]string
	hidden map[string]bool
}

// perCollection bounds what is kept of each; the oldest goes.
const perCollection = 64

// NewMemory returns one that knows nothing.
func NewMemory() *Memory {
	return &Memory{known: map[string][]string{}, made: map[string]string{}, hidden: map[string]bool{}}
}

// Hide keeps ids and names from being asked about, such as those of whoever asks.
func (m *Memory) Hide(texts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range texts {
		m.hidden[t] = true
	}
}

// Learn keeps what an answer about a collection tells.
func (m *Memory) Learn(collection string, body []byte) {
	var v any
	if json.Unmarshal(body, &v) == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.learn(collection, v)
	}
}

// Add makes one thing known.
func (m *Memory) Add(collection, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(collection, text)
}

func (m *Memory) learn(collection string, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			m.learn(collection, item)
		}
	case object:
		kind, _ := v["kind"].(string)
		for _, key := range []string{"id", "name", "fullName"} {
			text, ok := v[key].(string)
			if !ok || text == "" {
				continue
			}
			m.add(collection, text)
			if kind != "" {
				m.add(kind, text)
			}
			if kind, _ := v["type"].(string); collection == "nodes" && kind == "project" {
				m.add("project", text)
			}
		}
		for _, inner := range v {
			m.learn(collection, inner)
		}
	}
}

func (m *Memory) add(where, text string) {
	list := m.known[where]
	if m.hidden[text] {
		return
	}
	if len(list) >= perCollection {
		list = list[1:]
	}
	m.known[where] = append(list, text)
}

// pick returns something known by the name of a property or of a collection: a network or networks.
func (m *Memory) pick(r *rand.Rand, name string) (string, bool) {
	name = strings.ToLower(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, where := range []string{name, name + "s", strings.TrimSuffix(name, "s"), strings.TrimSuffix(name, "id") + "s"} {
		if list := m.known[where]; len(list) > 0 {
			return list[r.IntN(len(list))], true
		}
	}
	if name == "node" || name == "parent" {
		if list := m.known["nodes"]; len(list) > 0 {
			return list[r.IntN(len(list))], true
		}
	}
	return "", false
}

// once keeps what f made under a key.
func (m *Memory) once(key string, f func() string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.made[key]
	if !ok {
		text = f()
		m.made[key] = text
	}
	return text
}
