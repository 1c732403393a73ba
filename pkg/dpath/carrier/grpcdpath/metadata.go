package grpcdpath

import (
	"net/http"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Trailer keys between a node and its caller; nothing further down or outside
// sees them. A handler that returns an error of another node does not pass on
// that node's trailer, so a refusal is always the answering node's own.
const (
	trailerRefused    = "x-dpath-refused"    // the guard's reason; no business code ran
	trailerDownstream = "x-dpath-downstream" // the cause of the failure lies further down
)

var trailerTrail = strings.ToLower(trail.HeaderTrail)

// headers gives metadata in the form that labels are read from and written to.
func headers(md metadata.MD) http.Header {
	h := make(http.Header, len(md)+3)
	for k, v := range md {
		k = http.CanonicalHeaderKey(k)
		h[k] = append(h[k], v...)
	}
	return h
}

func fromHeaders(h http.Header) metadata.MD {
	md := make(metadata.MD, len(h))
	for k, v := range h {
		k = strings.ToLower(k)
		md[k] = append(md[k], v...)
	}
	return md
}

// strip removes what dpath.Strip does, and its binary twins such as
// baggage-bin, which a careless hop could read. It returns how many it found.
func strip(h http.Header) int {
	found := dpath.Strip(h)
	for k, v := range h {
		base, binary := strings.CutSuffix(strings.ReplaceAll(strings.ToLower(k), "_", "-"), "-bin")
		if !binary {
			continue
		}
		if n := dpath.Strip(map[string][]string{base: v}); n > 0 {
			delete(h, k)
			found += n
		}
	}
	return found
}

// clearHop removes what belongs to one hop of a probe.
func clearHop(h http.Header) {
	h.Del(trail.HeaderProbe)
	h.Del(trail.HeaderDecision)
	h.Del(trail.HeaderTrail)
}

// clearTrailer removes what only the caller's carrier is to see.
func clearTrailer(md metadata.MD) {
	delete(md, trailerRefused)
	delete(md, trailerDownstream)
	delete(md, trailerTrail)
}

// last gives the last value of a key: a carrier adds its own after business.
func last(md metadata.MD, key string) string {
	if v := md[key]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}
