package kinds_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// uploading is a rig with a store of uploads in its database.
func uploading(t *testing.T) (*rig, *imagestore.Store) {
	t.Helper()
	db := storetest.Open(t, store.SQLite)
	images := imagestore.New(db, imagestore.Limits{Image: 64 << 20, Total: 128 << 20})
	return newRigOn(t, db, kinds.Backends{Uploads: images}), images
}

// sha is a checksum that nothing has.
func sha(digit byte) string { return strings.Repeat(string(digit), 64) }

const uploadSpec = `{"format": "raw", "disk": {"url": "plaza:upload", "sha256": "", "bytes": %d}}`

// upload makes an image of a project, sends its bytes, and finishes it.
func (r *rig) upload(images *imagestore.Store, project, name string, data []byte) resource.Raw {
	r.t.Helper()
	o := r.make("image", project, name, fmt.Sprintf(uploadSpec, len(data))).Object
	r.send(images, o, data)
	a, err := r.Act(r.t.Context(), resource.Request{Kind: "image", ID: o.ID, Actor: admin}, "finish", json.RawMessage(`{}`))
	require.NoError(r.t, err)
	return r.ready(a)
}

func (r *rig) send(images *imagestore.Store, o resource.Raw, data []byte) {
	r.t.Helper()
	_, err := images.Receive(r.t.Context(), imagestore.Upload{Image: o.ID, Bytes: int64(len(data)), Format: "raw"}, 0, bytes.NewReader(data), func() error { return nil })
	require.NoError(r.t, err)
}

func TestAnImageWaitsForItsUpload(t *testing.T) {
	t.Parallel()
	r, images := uploading(t)
	data := bytes.Repeat([]byte("plaza"), 1<<20)
	o := r.make("image", "p", "mine", fmt.Sprintf(uploadSpec, len(data))).Object
	finish := func(sum string) error {
		_, err := r.Act(t.Context(), resource.Request{Kind: "image", ID: o.ID, Actor: admin}, "finish", json.RawMessage(`{"sha256": "`+sum+`"}`))
		return err
	}
	r.problem(resource.ReasonConflict, finish(""))
	require.Contains(t, r.refused(resource.ReasonConflict, "server", "p", "early", `{"flavor": "small", "image": "mine", "network": "net"}`).Detail, "has not been uploaded")
	r.refused(resource.ReasonInvalid, "image", "p", "mine", `{"format": "raw", "disk": {"url": "plaza:upload", "sha256": "`+sha('a')+`", "bytes": 5242880}}`)
	r.send(images, o, data)
	r.problem(resource.ReasonInvalid, finish(sha('b')))
	c, err := images.Content(t.Context(), o.ID)
	require.NoError(t, err)
	require.Zero(t, c.Received, "what was wrong was dropped")
	r.send(images, o, data)
	require.NoError(t, finish(""))
	ready := r.becomes("image", "p", "mine", resource.PhaseReady)
	require.Equal(t, []string{"1"}, resource.Lookup(ready, "spec.minDiskGiB"))
	r.problem(resource.ReasonConflict, finish(""))
	for _, change := range []string{`"sha256": "` + sha('c') + `", "bytes": 5242880`, `"sha256": "` + resource.Lookup(ready, "spec.disk.sha256")[0] + `", "bytes": 1`, `"sha256": "", "bytes": 5242880`} {
		r.refused(resource.ReasonInvalid, "image", "p", "mine", `{"format": "raw", "disk": {"url": "plaza:upload", `+change+`}}`)
	}
	r.remove("image", "p", "mine")
	r.gone("image", "p", "mine")
	c, err = images.Content(t.Context(), o.ID)
	require.NoError(t, err)
	require.Zero(t, c.Bytes, "its bytes went with it")
}

func TestAProjectsImageIsUploadedAndNothingElse(t *testing.T) {
	t.Parallel()
	r, _ := uploading(t)
	for _, spec := range []string{
		`{"format": "raw", "disk": {"url": "file:///etc/shadow", "sha256": "` + sha('a') + `", "bytes": 1}}`,
		`{"format": "raw", "disk": {"url": "https://10.0.0.1/secret", "sha256": "` + sha('a') + `", "bytes": 1}}`,
		`{"format": "raw", "disk": {"url": "plaza:images/` + resource.NewID() + `", "sha256": "` + sha('a') + `", "bytes": 1}}`,
		`{"format": "raw", "disk": {"url": "plaza:upload", "sha256": "", "bytes": 1}, "kernel": {"url": "file:///etc/shadow", "sha256": "` + sha('a') + `", "bytes": 1}}`,
		fmt.Sprintf(uploadSpec, 0), fmt.Sprintf(uploadSpec, 65<<20),
	} {
		r.refused(resource.ReasonInvalid, "image", "p", "x", spec)
	}
	r.refused(resource.ReasonInvalid, "image", "", "x", `{"format": "raw", "disk": {"url": "plaza:images/`+resource.NewID()+`", "sha256": "`+sha('a')+`", "bytes": 1}}`)
	r.refused(resource.ReasonAlreadyExists, "image", "p", "busybox", fmt.Sprintf(uploadSpec, 100))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "image_gib", resource.Hard(1)))
	r.make("image", "p", "first", fmt.Sprintf(uploadSpec, 100))
	r.refused(resource.ReasonQuotaExceeded, "image", "p", "second", fmt.Sprintf(uploadSpec, 100))
}

func TestAnUploadThatNobodyGoesOnWithEnds(t *testing.T) {
	t.Parallel()
	r, images := uploading(t)
	o := r.make("image", "p", "left", fmt.Sprintf(uploadSpec, 5<<20)).Object
	_, err := images.Receive(t.Context(), imagestore.Upload{Image: o.ID, Bytes: 5 << 20, Format: "raw"}, 0, bytes.NewReader(make([]byte, 2<<20)), func() error { return nil })
	require.NoError(t, err)
	waiting := func() string {
		ops, err := r.View(resource.Everything).Operations(t.Context(), resource.OperationQuery{ObjectID: o.ID, Limit: 1})
		require.NoError(t, err)
		return ops[0].Message
	}
	require.NoError(t, r.Touch(t.Context(), "image", o.ID, "test"))
	r.eventually("it tells how far it is", func() bool { return waiting() == "2 of 5 MiB have come" })
	long := time.Now().Add(-25 * time.Hour).UTC()
	_, err = r.db.Write.ExecContext(t.Context(), "UPDATE image_contents SET updated_at = ?", long)
	require.NoError(t, err)
	_, err = r.db.Write.ExecContext(t.Context(), "UPDATE objects SET created_at = ? WHERE id = ?", long, o.ID)
	require.NoError(t, err)
	require.NoError(t, r.Touch(t.Context(), "image", o.ID, "test"))
	r.gone("image", "p", "left")
	c, err := images.Content(t.Context(), o.ID)
	require.NoError(t, err)
	require.Zero(t, c.Bytes)
}

func TestServersUseTheImagesOfTheirProject(t *testing.T) {
	t.Parallel()
	r, images := uploading(t)
	r.make("network", "q", "net", `{"cidr": "10.9.0.0/24"}`)
	mine := r.upload(images, "p", "mine", []byte("a disk of p"))
	require.Empty(t, resource.Lookup(mine, "status.hosts"))
	order := func(image string) string { return `{"flavor": "small", "image": "` + image + `", "network": "net"}` }
	for _, name := range []string{"mine", mine.ID} {
		r.refused(resource.ReasonInvalid, "server", "q", "thief", order(name))
		r.refused(resource.ReasonInvalid, "volume", "q", "thief", `{"sizeGiB": 1, "image": "`+name+`"}`)
		r.refused(resource.ReasonInvalid, "nodegroup", "q", "thief", `{"count": 1, "flavor": "small", "image": "`+name+`", "network": "net"}`)
	}
	require.Equal(t, []string{mine.ID}, resource.Lookup(r.ready(r.make("server", "p", "web", order("mine"))), "spec.image"))
	held := r.ready(r.make("server", "q", "held", order("busybox")))
	act := func(id, action, input string) error {
		_, err := r.Act(t.Context(), resource.Request{Kind: "server", ID: id, Actor: admin}, action, json.RawMessage(input))
		return err
	}
	r.problem(resource.ReasonInvalid, act(held.ID, "rebuild", `{"image": "mine"}`))
	r.problem(resource.ReasonInvalid, act(held.ID, "rescue", `{"image": "`+mine.ID+`"}`))

	share := func(action string) error {
		_, err := r.Act(t.Context(), resource.Request{Kind: "image", ID: mine.ID, Actor: admin}, action, json.RawMessage(`{"with": "q"}`))
		return err
	}
	require.NoError(t, share("share"))
	borrower := r.ready(r.make("server", "q", "borrower", order("mine")))
	require.NoError(t, share("unshare"))
	r.refused(resource.ReasonInvalid, "server", "q", "late", order("mine"))
	_, err := r.Apply(t.Context(), resource.Request{Kind: "server", Project: "q", Name: "borrower", Labels: map[string]string{"a": "b"}, Actor: admin, Spec: borrower.Spec})
	require.NoError(t, err, "it goes on with what it was made from")

	// Who may see the image only hears that somebody else uses it.
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	owner := resource.Actor{ID: "owner", Name: "owner", Scope: resource.Within("p")}
	_, err = r.Delete(t.Context(), resource.Request{Kind: "image", ID: mine.ID, Actor: owner})
	p := r.problem(resource.ReasonInUse, err)
	require.Equal(t, "image mine is in use by 1 servers of others", p.Detail)
	require.Empty(t, p.Candidates)
	r.remove("server", "q", "borrower")
	r.gone("server", "q", "borrower")
	_, err = r.Delete(t.Context(), resource.Request{Kind: "image", ID: mine.ID, Actor: owner})
	require.NoError(t, err)
	r.gone("image", "p", "mine")
}
