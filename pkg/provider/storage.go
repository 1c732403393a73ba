package provider

import (
	"context"
	"time"
)

// Objects keep buckets with the S3 interface. Every call is keyed by the Plaza id of the bucket.
type Objects interface {
	// EnsureBucket makes the bucket and the user that owns it, and sets quota, versioning and life cycle as wanted.
	EnsureBucket(ctx context.Context, place string, want Bucket) (BucketState, error)
	GetBucket(ctx context.Context, place, id string) (BucketState, error)
	// DeleteBucket refuses a bucket with objects as Conflict unless purge is set.
	DeleteBucket(ctx context.Context, place, id string, purge bool) error
	ListBuckets(ctx context.Context, place string) ([]BucketState, error)
	BucketContents
}

// Files keep shared directories. Every call is keyed by the Plaza id of the share.
type Files interface {
	// EnsureShare makes the share, sets its size, and gives access to exactly those who are wanted.
	EnsureShare(ctx context.Context, place string, want Share) (ShareState, error)
	GetShare(ctx context.Context, place, id string) (ShareState, error)
	DeleteShare(ctx context.Context, place, id string) error
	ListShares(ctx context.Context, place string) ([]ShareState, error)
}

// Cluster is a storage cluster's own management.
type Cluster interface {
	// GetCluster tells capacity, health, the tree of disks, and every pool.
	GetCluster(ctx context.Context, place string) (ClusterState, error)
	// EnsurePool makes a pool or sets what may be changed of it: PG count, quota, rule, application.
	EnsurePool(ctx context.Context, place string, want DataPool) (DataPoolState, error)
	// DeletePool refuses a pool that holds data as Conflict unless purge is set.
	DeletePool(ctx context.Context, place, name string, purge bool) error
}

// Storage is a whole storage cluster: blocks, objects, files and its own management. The host of its Block calls is the
// cluster's place.
type Storage interface {
	Block
	Objects
	Files
	Cluster
}

// StorageSettings say where a storage cluster is reached.
type StorageSettings struct {
	Type      string   `json:"type"`               // ceph
	Hosts     []string `json:"hosts"`              // ids of hosts whose agents serve the cluster; any of them will do
	FSID      string   `json:"fsid,omitempty"`     // the cluster's own id, once it is known: agents of another are not believed
	Endpoint  string   `json:"endpoint,omitempty"` // URL of the S3 interface; empty: it keeps no buckets
	AccessKey string   `json:"-"`                  // of an administrator there
	SecretKey string   `json:"-"`
	CACert    string   `json:"caCert,omitempty"` // PEM of that interface's authority; empty: the system's
}

// Storages are the storage clusters by the ids of their objects: a place is known once it was connected.
type Storages interface {
	Storage
	// Connect sets where a cluster is reached. It does not wait for the cluster.
	Connect(place string, s StorageSettings)
	// Forget ends what Connect began.
	Forget(place string)
}

// Bucket is a wanted bucket.
type Bucket struct {
	ID         string `json:"id"`
	Name       string `json:"name"` // as S3 clients call it; unique in the cluster
	Project    string `json:"project"`
	QuotaGiB   int64  `json:"quotaGiB,omitempty"` // 0: none
	Objects    int64  `json:"objects,omitempty"`  // most objects; 0: any number
	Versioning bool   `json:"versioning,omitempty"`
	ExpireDays int    `json:"expireDays,omitempty"` // objects are deleted after so many days; 0: never
	Placement  string `json:"placement,omitempty"`  // placement target of the tier; empty: the default
	RetiredKey string `json:"retiredKey,omitempty"` // access key that must let nobody in any more
}

// BucketState is an observed bucket. Key and Secret let its owner in; they are secrets.
type BucketState struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Endpoint   string    `json:"endpoint"` // URL of the S3 interface
	User       string    `json:"user"`
	Key        string    `json:"key,omitempty"`
	Secret     string    `json:"secret,omitempty"`
	Bytes      int64     `json:"bytes"`
	Objects    int64     `json:"objects"`
	QuotaGiB   int64     `json:"quotaGiB,omitempty"`
	Versioning bool      `json:"versioning"`
	ExpireDays int       `json:"expireDays,omitempty"`
	ObservedAt time.Time `json:"observedAt"`
}

// Share is a wanted shared directory.
type Share struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Project string   `json:"project"`
	SizeGiB int64    `json:"sizeGiB"`
	Pool    string   `json:"pool,omitempty"` // data pool of the tier; empty: the file system's default
	Access  []Access `json:"access,omitempty"`
}

// Access lets one client in.
type Access struct {
	Name string `json:"name"` // of the client, unique within the share
	Mode string `json:"mode"` // ro or rw
}

// ShareState is an observed share.
type ShareState struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Path       string        `json:"path"`     // within the file system
	FS         string        `json:"fs"`       // name of the file system
	Monitors   []string      `json:"monitors"` // where clients mount it from
	SizeGiB    int64         `json:"sizeGiB"`
	UsedBytes  int64         `json:"usedBytes"`
	Access     []AccessGrant `json:"access,omitempty"`
	ObservedAt time.Time     `json:"observedAt"`
}

// AccessGrant is an Access with the client's key, which is a secret.
type AccessGrant struct {
	Access
	Client string `json:"client"` // name the client gives, e.g. client.plaza-…
	Key    string `json:"key,omitempty"`
}

// ClusterState is what a storage cluster has and how it feels.
type ClusterState struct {
	FSID       string          `json:"fsid"`
	Version    string          `json:"version"`
	Health     string          `json:"health"` // HEALTH_OK, HEALTH_WARN, HEALTH_ERR
	Checks     []HealthCheck   `json:"checks,omitempty"`
	TotalBytes int64           `json:"totalBytes"`
	UsedBytes  int64           `json:"usedBytes"`
	FreeBytes  int64           `json:"freeBytes"`
	Monitors   []string        `json:"monitors,omitempty"` // host:port
	Quorum     []string        `json:"quorum,omitempty"`
	Disks      []ClusterDisk   `json:"disks,omitempty"`
	Pools      []DataPoolState `json:"pools,omitempty"`
	FS         []string        `json:"fs,omitempty"`
	ObservedAt time.Time       `json:"observedAt"`
}

// ClusterReport is what an agent tells of its cluster unasked. With an Error the state is the part that could be read.
type ClusterReport struct {
	Host      string       `json:"host"`
	Session   string       `json:"session"` // one run of the agent
	Cause     string       `json:"cause"`   // periodic or connected
	StartedAt time.Time    `json:"startedAt"`
	State     ClusterState `json:"state"`
	Error     string       `json:"error,omitempty"`
}

// HealthCheck is one complaint of a cluster.
type HealthCheck struct {
	Code     string `json:"code"` // OSD_DOWN …
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

// ClusterDisk is one OSD in the tree.
type ClusterDisk struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	Host       string `json:"host"`
	Class      string `json:"class"` // ssd, hdd, nvme
	Up         bool   `json:"up"`
	In         bool   `json:"in"`
	TotalBytes int64  `json:"totalBytes"`
	UsedBytes  int64  `json:"usedBytes"`
}

// DataPool is a wanted pool of a storage cluster.
type DataPool struct {
	Name          string `json:"name"`
	Application   string `json:"application"` // rbd, rgw or cephfs
	PGs           int    `json:"pgs,omitempty"`
	Replicas      int    `json:"replicas,omitempty"`   // replicated; default the cluster's
	DataChunks    int    `json:"dataChunks,omitempty"` // erasure coded, with CodingChunks
	CodingChunks  int    `json:"codingChunks,omitempty"`
	DeviceClass   string `json:"deviceClass,omitempty"`   // disks it may use; empty: any
	FailureDomain string `json:"failureDomain,omitempty"` // host, rack, osd; default host
	QuotaGiB      int64  `json:"quotaGiB,omitempty"`
}

// DataPoolState is an observed pool.
type DataPoolState struct {
	Name        string `json:"name"`
	Application string `json:"application,omitempty"`
	Erasure     bool   `json:"erasure"`
	Size        int    `json:"size"` // copies, or data and coding chunks together
	MinSize     int    `json:"minSize"`
	PGs         int    `json:"pgs"`
	Rule        string `json:"rule"`
	QuotaBytes  int64  `json:"quotaBytes,omitempty"`
	StoredBytes int64  `json:"storedBytes"`
	UsedBytes   int64  `json:"usedBytes"` // with copies
	FreeBytes   int64  `json:"freeBytes"` // that may still be stored
	Objects     int64  `json:"objects"`
}
