package provider

import (
	"context"
	"io"
	"time"
)

// BucketContents are the S3 objects in buckets, reached with the bucket's own key. Every call is keyed by the Plaza id of the bucket.
type BucketContents interface {
	// ListContent tells what is in a bucket in the order of keys, a page at a time; a page may be shorter than its limit.
	ListContent(ctx context.Context, place, id string, ask BucketQuery) (BucketPage, error)
	// PutContent writes an S3 object of exactly put.Bytes, in place of one of that key; a body that breaks off leaves what was.
	PutContent(ctx context.Context, place, id string, put BucketPut, body io.Reader) error
	// DeleteContent takes an S3 object away, which a bucket with versions keeps as a former one. One that is not there is no error.
	DeleteContent(ctx context.Context, place, id, key string) error
	// LinkContent is a URL by which whoever has it reads or writes one S3 object for a while, until the bucket's key is replaced.
	LinkContent(ctx context.Context, place, id string, want BucketLink) (string, error)
}

// BucketQuery asks for a page of a bucket's content.
type BucketQuery struct {
	Prefix string // of keys
	All    bool   // keys at any depth; without, those with a further / are one folder
	After  string // Next of the page before
	Limit  int
}

// BucketPage is what a bucket has, in the order of keys, folders among them.
type BucketPage struct {
	Items []BucketItem
	Next  string // asks for the following page; empty: this is the last one
}

// BucketItem is an S3 object, or a folder: what the keys begin with that share their beginning up to the next /.
type BucketItem struct {
	Key        string
	Folder     bool
	Bytes      int64
	ModifiedAt time.Time
	ETag       string
}

// BucketPut is an S3 object to write.
type BucketPut struct {
	Key   string
	Type  string // MIME; empty: of any bytes
	Bytes int64
}

// BucketLink is a link to make.
type BucketLink struct {
	Key   string
	Write bool // to be put to, not to be read
	Save  bool // browsers keep what they read as a file
	Life  time.Duration
}
