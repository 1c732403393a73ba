package api

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// mostAtOnce is the most bytes that S3 takes in one request.
const mostAtOnce = 5 << 30

// BucketContent is a page of what is in a bucket, in the order of keys.
type BucketContent struct {
	Items []ContentItem `json:"items" nullable:"false"`
	Next  string        `json:"next,omitempty" doc:"Cursor of the following page; empty at the end"`
}

// ContentItem is an S3 object, or a folder of them.
type ContentItem struct {
	Key        string     `json:"key" doc:"Of a folder what the keys in it begin with, the last / included"`
	Folder     bool       `json:"folder,omitempty"`
	Bytes      int64      `json:"bytes"`
	ModifiedAt *time.Time `json:"modifiedAt,omitempty"`
	ETag       string     `json:"etag,omitempty"`
}

// ContentLink lets whoever has it read or write one S3 object.
type ContentLink struct {
	URL       string    `json:"url"`
	Method    string    `json:"method" enum:"GET,PUT" doc:"What it is to be asked with"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type contentInput struct {
	ObjectInput
	Prefix string `query:"prefix" maxLength:"1024" doc:"Only keys that begin so; a folder's key lists what is in it"`
	All    bool   `query:"all" doc:"Keys at any depth, instead of folders"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	After  string `query:"after" maxLength:"2048" doc:"next of the page before"`
}

// ContentKey names an S3 object of a bucket.
type ContentKey struct {
	ObjectInput
	Key string `query:"key" required:"true" minLength:"1" maxLength:"1024" doc:"Of the S3 object; each / in it begins a folder"`
}

type contentPutInput struct {
	ContentKey
	Incoming
	Type string `query:"type" maxLength:"128" pattern:"^([-+.a-zA-Z0-9]+/[-+.a-zA-Z0-9]+)?$" doc:"MIME type that readers are told; application/octet-stream when empty"`
}

type linkInput struct {
	ObjectInput
	Body struct {
		Key     string `json:"key" minLength:"1" maxLength:"1024"`
		Method  string `json:"method,omitempty" enum:"GET,PUT" default:"GET" doc:"GET to read it, PUT to write it"`
		Seconds int    `json:"seconds,omitempty" minimum:"1" maximum:"604800" default:"3600" doc:"How long it is good; up to seven days"`
		Save    bool   `json:"save,omitempty" doc:"Browsers keep what they read as a file"`
	} `nameHint:"NewContentLink"`
}

// contentRoutes are what is done within buckets, in the name of who may change them.
func (s *Server) contentRoutes(api huma.API, storage provider.BucketContents) {
	const path = "/v1/buckets/{id}/content"
	op := func(method, path, id, doc, more string) huma.Operation {
		return huma.Operation{Method: method, Path: path, OperationID: id, Summary: doc, Tags: []string{"buckets"}, Description: more + "Needs the right to change the bucket."}
	}
	list := op(http.MethodGet, path, "listBucketContent", "List what is in a bucket", "A page may be shorter than its limit, and is not the last for that. ")
	huma.Register(api, list, func(ctx context.Context, in *contentInput) (*Body[BucketContent], error) {
		o, cluster, err := s.stored(ctx, "bucket", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		page, err := storage.ListContent(ctx, cluster, o.ID, provider.BucketQuery{Prefix: in.Prefix, All: in.All, After: in.After, Limit: in.Limit})
		return body(contentOf(page), kinds.Explain("bucket", err))
	})
	put := op(http.MethodPut, path, "putBucketContent", "Write an S3 object into a bucket", "The body is its content, of at most 5 GiB: an S3 client sends larger ones in parts. One of that key is written over. ")
	put.RequestBody, put.DefaultStatus = anyBytes(), http.StatusNoContent
	huma.Register(api, put, func(ctx context.Context, in *contentPutInput) (*struct{}, error) {
		return nil, s.putContent(ctx, storage, in)
	})
	remove := op(http.MethodDelete, path, "deleteBucketContent", "Delete an S3 object in a bucket", "A bucket with versions keeps it as a former one. One that is not there is no error. ")
	huma.Register(api, remove, func(ctx context.Context, in *ContentKey) (*struct{}, error) {
		o, cluster, err := s.noted(ctx, "bucket", in.ObjectInput, "content.delete", in.Key)
		if err != nil {
			return nil, err
		}
		return nil, kinds.Explain("bucket", storage.DeleteContent(ctx, cluster, o.ID, in.Key))
	})
	link := op(http.MethodPost, "/v1/buckets/{id}/links", "linkBucket", "Make a link to an S3 object", "Whoever has it comes in without anything else, until it expires or the bucket's key is replaced. ")
	huma.Register(api, link, func(ctx context.Context, in *linkInput) (*Body[ContentLink], error) {
		return body(s.link(ctx, storage, in))
	})
}

func contentOf(page provider.BucketPage) BucketContent {
	out := BucketContent{Items: make([]ContentItem, len(page.Items)), Next: page.Next}
	for i, c := range page.Items {
		out.Items[i] = ContentItem{Key: c.Key, Folder: c.Folder, Bytes: c.Bytes, ETag: c.ETag}
		if !c.Folder {
			out.Items[i].ModifiedAt = &c.ModifiedAt
		}
	}
	return out
}

func (s *Server) putContent(ctx context.Context, storage provider.BucketContents, in *contentPutInput) error {
	defer in.done()
	bytes, err := strconv.ParseInt(in.request.Header("Content-Length"), 10, 64)
	if err != nil {
		return resource.Problemf(ReasonMalformed, "bucket", "send Content-Length", "it is not said how many bytes there are")
	}
	if err = s.receive(ctx, storage, in, bytes); err != nil {
		in.drain()
	}
	return err
}

func (s *Server) receive(ctx context.Context, storage provider.BucketContents, in *contentPutInput, bytes int64) error {
	if bytes > mostAtOnce {
		return resource.Problemf(resource.ReasonTooLarge, "bucket", "use an S3 client, which sends it in parts: plaza bucket credentials NAME", "%s has more than 5 GiB", in.Key)
	}
	o, cluster, err := s.noted(ctx, "bucket", in.ObjectInput, "content.write", in.Key)
	if err != nil {
		return err
	}
	content := &guarded{Reader: in, goOn: periodically(func() error { return s.stillMay(ctx, "update", "bucket", o.Project) })}
	err = kinds.Explain("bucket", storage.PutContent(ctx, cluster, o.ID, provider.BucketPut{Key: in.Key, Type: in.Type, Bytes: bytes}, content))
	return cmp.Or(content.end(), err)
}

// guarded is a body that ends when its reader may go on no longer, and when it is ended: a transport may read on a moment
// longer than it takes to be refused.
type guarded struct {
	io.Reader
	goOn func() error

	mu      sync.Mutex
	ended   bool
	refused error
}

// Read implements io.Reader.
func (g *guarded) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return 0, io.ErrClosedPipe
	}
	if g.refused == nil {
		g.refused = g.goOn()
	}
	if g.refused != nil {
		return 0, g.refused
	}
	return g.Reader.Read(p)
}

// end returns why the reader was refused, if it was.
func (g *guarded) end() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	return g.refused
}

func (s *Server) link(ctx context.Context, storage provider.BucketContents, in *linkInput) (ContentLink, error) {
	b := in.Body
	o, cluster, err := s.noted(ctx, "bucket", in.ObjectInput, "content.link", b.Method+" "+b.Key)
	if err != nil {
		return ContentLink{}, err
	}
	life := time.Duration(b.Seconds) * time.Second
	until := time.Now().Add(life).UTC().Truncate(time.Second)
	u, err := storage.LinkContent(ctx, cluster, o.ID, provider.BucketLink{Key: b.Key, Write: b.Method == http.MethodPut, Save: b.Save, Life: life})
	return ContentLink{URL: u, Method: b.Method, ExpiresAt: until}, kinds.Explain("bucket", err)
}
