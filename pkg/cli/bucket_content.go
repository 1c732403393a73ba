package cli

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// contentCommand is what is done within a bucket.
type contentCommand struct{ *kindCommand }

func newContentCommand(k *kindCommand) *cobra.Command {
	c := contentCommand{k}
	cmd := newGroup("content", "What is in a bucket: list, put, link, delete")
	cmd.AddCommand(c.newList(), c.newPut(), c.newLink(), c.newDelete())
	return cmd
}

// open finds the bucket, and a client to ask about it.
func (k contentCommand) open(name string) (*client.Client, client.Target, error) {
	c, err := k.connect()
	if err != nil {
		return nil, client.Target{}, err
	}
	t, err := k.target(name)
	return c, t, err
}

func (k contentCommand) newList() *cobra.Command {
	var all bool
	var limit int
	cmd := &cobra.Command{
		Use: "list BUCKET [PREFIX]", Short: "List what is in a bucket, or in a folder of it", Args: cobra.RangeArgs(1, 2), ValidArgsFunction: k.completeNames,
		Long:    "List what is in a bucket, or of that what begins so. What follows a / is shown as one folder: give the folder, with its /, to look into it.",
		Example: "  plaza bucket content list media photos/",
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runList(cmd.Context(), args[0], strings.Join(args[1:], ""), all, limit)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "at any depth, instead of folders")
	cmd.Flags().IntVar(&limit, "limit", 10000, "at most so many")
	return cmd
}

func (k contentCommand) runList(ctx context.Context, bucket, prefix string, all bool, limit int) error {
	c, t, err := k.open(bucket)
	if err != nil {
		return err
	}
	items, more := []client.ContentItem{}, ""
	for len(items) < limit {
		ask := &client.ListBucketContentParams{Project: opt(t.Project), Prefix: opt(prefix), All: &all, After: opt(more), Limit: opt(int64(min(1000, limit-len(items))))}
		page, err := client.Read[client.BucketContent](c.ListBucketContent(ctx, t.ID, ask))
		if err != nil {
			return err
		}
		items = append(items, page.Items...)
		if more = value(page.Next); more == "" {
			break
		}
	}
	if more != "" {
		fmt.Fprintf(k.Err, "there is more: --limit %d\n", 10*limit)
	}
	r := report{header: []string{"KEY", "BYTES", "MODIFIED", "ETAG"}, extra: 1, data: items}
	for _, i := range items {
		if value(i.Folder) {
			r.add(i.Key, i.Key, "", "", "")
			continue
		}
		r.add(i.Key, i.Key, fmt.Sprint(i.Bytes), value(i.ModifiedAt).Local().Format(time.DateTime), value(i.Etag))
	}
	return k.print(r)
}

func (k contentCommand) newPut() *cobra.Command {
	var key, kind string
	cmd := &cobra.Command{
		Use: "put BUCKET FILE", Short: "Write a file of this machine into a bucket", Args: cobra.ExactArgs(2),
		Long: "Write a file of this machine into a bucket. What has its key is written over; a bucket with versions keeps it. Files of more than 5 GiB, and whole trees, " +
			"are for an S3 client: plaza bucket credentials tells its keys.",
		Example: "  plaza bucket content put media photo.jpg --key photos/2026/photo.jpg",
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runPut(cmd.Context(), args[0], args[1], key, kind)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "of it in the bucket; one that ends with / is a folder for the file (default: the file's name)")
	cmd.Flags().StringVar(&kind, "type", "", "MIME type that readers are told (default: by the file's name)")
	return cmd
}

func (k contentCommand) runPut(ctx context.Context, bucket, file, key, kind string) error {
	f, err := os.Open(file) //nolint:gosec // the user names it
	if err != nil {
		return usagef("%w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return usagef("%s is no file", file)
	}
	if key == "" || strings.HasSuffix(key, "/") {
		key += filepath.Base(file)
	}
	if kind == "" {
		kind, _, _ = strings.Cut(mime.TypeByExtension(path.Ext(key)), ";")
	}
	c, t, err := k.open(bucket)
	if err != nil {
		return err
	}
	line := k.newProgress()
	defer line.end()
	body := &sending{read: (&telling{File: f, line: line, name: key, size: st.Size(), begun: time.Now()}).next}
	sized := func(_ context.Context, req *http.Request) error {
		req.ContentLength = st.Size()
		if st.Size() == 0 {
			req.Body = http.NoBody
		}
		return nil
	}
	ask := &client.PutBucketContentParams{Project: opt(t.Project), Key: key, Type: opt(kind)}
	err = client.Done(c.PutBucketContentWithBody(ctx, t.ID, ask, "application/octet-stream", body, sized))
	_ = body.Close() // never fails
	if err != nil {
		return err
	}
	line.end()
	fmt.Fprintf(k.Out, "%s is in bucket %s, %s\n", key, bucket, amount(st.Size()))
	return nil
}

// telling is a file that is read, with how far that is.
type telling struct {
	*os.File
	line        *progress
	name        string
	size, at    int64
	begun, told time.Time
}

func (r *telling) next(p []byte) (int, error) {
	n, err := r.Read(p)
	r.at += int64(n)
	if now := time.Now(); now.Sub(r.begun) > 2*time.Second && now.Sub(r.told) > time.Second && r.size > 0 {
		r.told = now
		r.line.tell("%s: %s of %s, %d %%", r.name, amount(r.at), amount(r.size), 100*r.at/r.size)
	}
	return n, err
}

func (k contentCommand) newLink() *cobra.Command {
	var put, save bool
	life := time.Hour
	cmd := &cobra.Command{
		Use: "link BUCKET KEY", Short: "Make a link by which anybody reads or writes one S3 object for a while", Args: cobra.ExactArgs(2),
		Long:    "Make a link by which anybody reads or writes one S3 object for a while, without keys. It is good until it expires or the bucket's key is replaced. Making one is written to the audit.",
		Example: "  curl \"$(plaza bucket content link media photo.jpg --for 10m)\" -o photo.jpg\n  curl -T photo.jpg \"$(plaza bucket content link media photo.jpg --put)\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.runLink(cmd.Context(), args[0], args[1], put, save, life)
		},
	}
	cmd.Flags().BoolVar(&put, "put", false, "to write it, not to read it")
	cmd.Flags().BoolVar(&save, "save", false, "browsers keep it as a file instead of showing it")
	cmd.Flags().DurationVar(&life, "for", life, "how long it is good, up to 168h")
	return cmd
}

func (k contentCommand) runLink(ctx context.Context, bucket, key string, put, save bool, life time.Duration) error {
	c, t, err := k.open(bucket)
	if err != nil {
		return err
	}
	method := client.NewContentLinkMethodGET
	if put {
		method = client.NewContentLinkMethodPUT
	}
	body := client.NewContentLink{Key: key, Method: &method, Save: &save, Seconds: opt(int64(life / time.Second))}
	link, err := client.Read[client.ContentLink](c.LinkBucket(ctx, t.ID, &client.LinkBucketParams{Project: opt(t.Project)}, body))
	if err != nil {
		return err
	}
	if k.plain() {
		fmt.Fprintln(k.Out, link.Url) // to be used as it is
		return nil
	}
	r := report{header: []string{"URL", "METHOD", "EXPIRES"}, data: link}
	r.add(link.Url, link.Url, string(link.Method), link.ExpiresAt.Format(time.RFC3339))
	return k.print(r)
}

func (k contentCommand) newDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete BUCKET KEY...", Short: "Delete S3 objects in a bucket", Args: cobra.MinimumNArgs(2),
		Long:    "Delete S3 objects in a bucket, by their whole keys. A bucket with versions keeps them as former ones. One that is not there is no error.",
		Example: "  plaza bucket content delete media photos/2026/photo.jpg",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, t, err := k.open(args[0])
			if err != nil {
				return err
			}
			for _, key := range args[1:] {
				if err := client.Done(c.DeleteBucketContent(cmd.Context(), t.ID, &client.DeleteBucketContentParams{Project: opt(t.Project), Key: key})); err != nil {
					return err
				}
				fmt.Fprintf(k.Out, "%s is deleted in bucket %s\n", key, args[0])
			}
			return nil
		},
	}
}
