package openstack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// keepsake is one content that Plaza keeps.
type keepsake []byte

func (k keepsake) Open(_ context.Context, url string) (provider.Content, error) {
	if url != "plaza:images/1" {
		return nil, provider.Errorf(provider.ReasonNotFound, "", "there is no %s", url)
	}
	return keptContent{bytes.NewReader(k)}, nil
}

type keptContent struct{ *bytes.Reader }

func (keptContent) Close() error { return nil }

func TestGlanceGetsWhatPlazaKeeps(t *testing.T) {
	data := keepsake(bytes.Repeat([]byte("plaza"), 100_000))
	sum := sha256.Sum256(data)
	var got []byte
	var patched string
	glance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch r.Method {
		case http.MethodPost:
			w.WriteHeader(http.StatusCreated)
		case http.MethodPut:
			got = body
			w.WriteHeader(http.StatusNoContent)
			return
		case http.MethodPatch:
			patched = string(body)
		case http.MethodDelete:
			got = nil
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, `{"id": "g1", "name": "mine", "status": "active", "visibility": "community"}`)
	}))
	t.Cleanup(glance.Close)
	d := &Driver{set: Settings{Contents: data}}
	c := &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{HTTPClient: *glance.Client()}, Endpoint: glance.URL + "/"}
	file := provider.File{URL: "plaza:images/1", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(data))}
	u := upload{id: "1", name: "mine", part: partDisk, format: "raw", file: file, owned: true}
	made, err := d.upload(t.Context(), c, u)
	require.NoError(t, err)
	require.Equal(t, images.ImageVisibilityCommunity, made.Visibility)
	require.Equal(t, []byte(data), got)
	require.Contains(t, patched, `"community"`, "it stands in no list of other tenants'")
	require.Contains(t, patched, file.SHA256)

	u.file.SHA256 = hex.EncodeToString(make([]byte, 32))
	_, err = d.upload(t.Context(), c, u)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	require.Nil(t, got, "nothing is left of it")
	u.file.URL = "plaza:images/2"
	_, err = d.upload(t.Context(), c, u)
	require.True(t, provider.IsNotFound(err))
	_, err = (&Driver{}).upload(t.Context(), c, u)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "nobody keeps any")
}
