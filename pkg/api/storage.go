package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BucketCredentials let an S3 client in. They are read from the gateway each time, and kept nowhere.
type BucketCredentials struct {
	Endpoint  string `json:"endpoint" doc:"URL of the S3 interface"`
	Bucket    string `json:"bucket"`
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
}

// ShareCredentials let clients mount a share. They are read from the cluster each time, and kept nowhere.
type ShareCredentials struct {
	FS       string     `json:"fs" doc:"Name of the file system"`
	Path     string     `json:"path" doc:"Within the file system"`
	Monitors []string   `json:"monitors" nullable:"false" doc:"Where it is mounted from"`
	Clients  []ShareKey `json:"clients" nullable:"false"`
}

// ShareKey is the key of one client of a share.
type ShareKey struct {
	Name   string `json:"name"`
	Mode   string `json:"mode" enum:"ro,rw"`
	Client string `json:"client" doc:"Name that the client gives"`
	Key    string `json:"key"`
}

// StorageRoutes are what is done with buckets and shares beyond their objects.
func StorageRoutes(storage provider.Storage) Routes {
	return func(api huma.API, s *Server) {
		s.contentRoutes(api, storage)
		op := func(path, id, doc, tag string) huma.Operation {
			return huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: doc, Tags: []string{tag},
				Description: "Needs the right to change the object; each reading is in the audit log."}
		}
		huma.Register(api, op("/v1/buckets/{id}/credentials", "credentialsBucket", "Read the keys to a bucket", "buckets"), func(ctx context.Context, in *ObjectInput) (*Body[BucketCredentials], error) {
			o, cluster, err := s.noted(ctx, "bucket", *in, "credentials.read", "")
			if err != nil {
				return nil, err
			}
			b, err := storage.GetBucket(ctx, cluster, o.ID)
			return body(BucketCredentials{b.Endpoint, b.Name, b.Key, b.Secret}, kinds.Explain("bucket", err))
		})
		huma.Register(api, op("/v1/shares/{id}/credentials", "credentialsShare", "Read the keys to a share", "shares"), func(ctx context.Context, in *ObjectInput) (*Body[ShareCredentials], error) {
			o, cluster, err := s.noted(ctx, "share", *in, "credentials.read", "")
			if err != nil {
				return nil, err
			}
			sh, err := storage.GetShare(ctx, cluster, o.ID)
			out := ShareCredentials{FS: sh.FS, Path: sh.Path, Monitors: sh.Monitors, Clients: []ShareKey{}}
			for _, g := range sh.Access {
				out.Clients = append(out.Clients, ShareKey{g.Name, g.Mode, g.Client, g.Key})
			}
			return body(out, kinds.Explain("share", err))
		})
	}
}

// noted finds an object whose keys the actor may use and the cluster it is on, and writes down what is done with them.
func (s *Server) noted(ctx context.Context, name string, in ObjectInput, verb, note string) (resource.Raw, string, error) {
	o, cluster, err := s.stored(ctx, name, in)
	if err != nil {
		return o, "", err
	}
	return o, cluster, s.cfg.Store.Record(ctx, resource.ActorFrom(ctx), verb, o.Meta, note)
}

// stored finds an object on a cluster that the actor may change, and the cluster.
func (s *Server) stored(ctx context.Context, name string, in ObjectInput) (resource.Raw, string, error) {
	def, err := s.registry.Kind(name)
	if err != nil {
		return resource.Raw{}, "", err
	}
	o, err := (&kind{Definition: def, server: s}).find(ctx, "update", in)
	if err != nil {
		return o, "", err
	}
	cluster := resource.Lookup(o, "status.cluster")
	if len(cluster) == 0 || o.ObservedGeneration == 0 {
		return o, "", resource.Problemf(resource.ReasonConflict, name, "wait until it is ready", "%s %s has no keys yet", name, o.Name)
	}
	return o, cluster[0], nil
}
