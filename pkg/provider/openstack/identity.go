package openstack

import (
	"regexp"
	"sync"

	"github.com/plazacloud/plaza/pkg/provider"
)

// idKey is what every object in the cloud is labelled with, as tag or metadata plaza-id.
const idKey = "plaza-id"

// idTag is the label of the object with that Plaza id.
func idTag(id string) string { return idKey + "=" + id }

// identities remembers which object of the cloud is which of Plaza's. It is a hint: the cloud's own labels decide.
type identities struct {
	plaza sync.Map // "server/<cloud's id>" → Plaza id
	cloud sync.Map // "server/<Plaza id>" → cloud's id
}

// put remembers a pair; kind is server, volume, network or image.
func (m *identities) put(kind, backend, id string) {
	if backend != "" && id != "" {
		m.plaza.Store(kind+"/"+backend, id)
		m.cloud.Store(kind+"/"+id, backend)
	}
}

// plazaOf is the Plaza id of the cloud's object, "" when it was never seen.
func (m *identities) plazaOf(kind, backend string) string {
	id, _ := m.plaza.Load(kind + "/" + backend)
	s, _ := id.(string)
	return s
}

// backendOf is the cloud's id of Plaza's object, "" when it was never seen.
func (m *identities) backendOf(kind, id string) string {
	backend, _ := m.cloud.Load(kind + "/" + id)
	s, _ := backend.(string)
	return s
}

// forget drops the pair. The way from the cloud's id stays, for late events.
func (m *identities) forget(kind, id string) { m.cloud.Delete(kind + "/" + id) }

func checkID(id string) error {
	if !isID(id) {
		return provider.Errorf(provider.ReasonInvalid, "", "%q is not an id of Plaza", id)
	}
	return nil
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isID accepts UUIDs as Plaza writes them.
func isID(id string) bool { return uuidForm.MatchString(id) }
