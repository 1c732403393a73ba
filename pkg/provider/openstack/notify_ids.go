package openstack

import (
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	strangersKept = 100_000
	strangerTime  = time.Minute // an object may be marked soon after it was made
)

// owners tells whose the objects of events are: Plaza's are remembered for good, as a server that is gone can not be
// asked any more, those of others for a while.
type owners struct {
	ours      *identities
	strangers *otter.Cache[string, struct{}]
}

func newOwners(ours *identities) *owners {
	return &owners{ours: ours, strangers: otter.Must(&otter.Options[string, struct{}]{
		MaximumSize: strangersKept, ExpiryCalculator: otter.ExpiryWriting[string, struct{}](strangerTime),
	})}
}

// learn notes an object; id is empty for what is not Plaza's.
func (o *owners) learn(kind, backend, id string) {
	if backend == "" {
		return
	}
	if id == "" {
		o.strangers.Set(kind+"/"+backend, struct{}{})
		return
	}
	o.ours.put(kind, backend, id)
}

// plaza returns the Plaza id; known is false when nothing was learnt of the object.
func (o *owners) plaza(kind, backend string) (id string, known bool) {
	if id := o.ours.plazaOf(kind, backend); id != "" {
		return id, true
	}
	_, stranger := o.strangers.GetIfPresent(kind + "/" + backend)
	return "", stranger
}
