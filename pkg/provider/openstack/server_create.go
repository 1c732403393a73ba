package openstack

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Metadata of servers. What the tenant gave stands beside it.
const (
	metaDigest = "plaza-digest" // of the hardware the server was made or resized with
	metaResize = "plaza-resize" // of that it is being resized to, as Nova takes no notes until a resize is confirmed or reverted
	metaBuild  = "plaza-build"  // the rebuild that Nova was asked for last
	metaImage  = "plaza-image"  // Plaza id of the root disk's image, which a rebuild from a snapshot would hide
)

const (
	gzipAbove   = 45 << 10      // user data of more bytes is compressed
	mostUser    = 65535 * 3 / 4 // bytes that fit when Nova has them in base64
	longestMeta = 255
)

// createServer makes ports and server and waits until it has booted. What is missing is told before anything is made.
func (d *Driver) createServer(ctx context.Context, want provider.Server) (*servers.Server, error) {
	project, err := d.tenant(ctx, want.Project)
	if err != nil {
		return nil, err
	}
	opts := servers.CreateOpts{Name: want.Name, Tags: []string{idTag(want.ID)}, ConfigDrive: gophercloud.Enabled}
	if err := d.planDisks(ctx, want, &opts); err != nil {
		return nil, err
	}
	on := make([]segment, len(want.Interfaces))
	for i, nic := range want.Interfaces {
		if on[i], err = d.findNetwork(ctx, nic.Network); err != nil {
			return nil, err
		}
	}
	c, err := d.cloud.client(ctx, compute, project)
	if err != nil {
		return nil, err
	}
	builder, err := d.planSeed(ctx, c, want, &opts)
	if err != nil {
		return nil, err
	}
	hints, err := d.planGroup(ctx, c, want)
	if err != nil {
		return nil, err
	}
	if opts.Networks, err = d.planCards(ctx, project, want, on); err != nil {
		return nil, err
	}
	made, err := servers.Create(ctx, c, builder(opts), hints).Extract()
	if isCode(err, http.StatusBadRequest) { // Nova's word for a volume that was taken meanwhile
		for _, disk := range want.Disks {
			if disk.Volume == "" {
				continue
			}
			if _, taken := d.freeVolume(ctx, disk.Volume, want.ID); taken != nil {
				return nil, taken
			}
		}
	}
	if err != nil {
		return nil, mapped("make server "+want.Name, err)
	}
	d.ids.put("server", made.ID, want.ID)
	return d.built(ctx, made.ID, want)
}

// built waits until a server has left its build, and removes it when that failed.
func (d *Driver) built(ctx context.Context, backend string, want provider.Server) (*servers.Server, error) {
	var s *servers.Server
	err := d.pollServer(ctx, backend, "build server", func() (bool, error) {
		var err error
		s, err = d.look(ctx, backend)
		return err == nil && (s.Status == "ERROR" || s.Status != "BUILD" && (s.TaskState == "" || stoppedByOthers(s, want))), err
	})
	if err != nil {
		return nil, err
	}
	if !neverRan(*s) {
		return s, nil
	}
	failed := failure("build server", s.Fault.Message)
	if err := d.discard(ctx, s); err != nil {
		d.log.Warn("a failed build stays until it is tried again", "backend", backend, "error", err)
	}
	return nil, failed
}

// failure is what a step of Nova that ended badly says.
func failure(what, message string) error {
	switch {
	case message == "":
		return provider.Errorf(provider.ReasonInternal, "Nova's log says more", "%s: it failed without a word", what)
	case scarce.MatchString(message):
		return provider.Errorf(provider.ReasonNoSpace, "no hypervisor has room, or none that fits takes orders", "%s: %s", what, message)
	}
	return provider.Errorf(provider.ReasonInternal, "Nova's log says more", "%s: %s", what, message)
}

// planDisks names image, flavor and volumes.
func (d *Driver) planDisks(ctx context.Context, want provider.Server, opts *servers.CreateOpts) error {
	root := provider.Disk{Image: want.Boot.Image}
	if len(want.Disks) > 0 {
		root = want.Disks[0]
	}
	gib := max(root.SizeGiB, 1)
	if root.Image != "" {
		img, err := d.rootImage(ctx, root)
		if err != nil {
			return err
		}
		if want.Boot.Image != "" && want.Boot.Image != root.Image {
			return provider.Errorf(provider.ReasonInvalid, "use an image that has both", "in a region kernel and root disk are taken from one image")
		}
		if have := property(*img, "os_command_line"); want.Boot.Cmdline != "" && want.Boot.Cmdline != have {
			return provider.Errorf(provider.ReasonInvalid, "give it to the image", "in a region the kernel's command line is the image's: %q", have)
		}
		if root.SizeGiB != 0 && root.SizeGiB < img.MinDiskGigabytes {
			return provider.Errorf(provider.ReasonInvalid, "use a larger disk", "image %s needs %d GiB, the disk has %d", img.Name, img.MinDiskGigabytes, root.SizeGiB)
		}
		gib = max(gib, img.MinDiskGigabytes)
		opts.ImageRef = img.ID
		opts.BlockDevice = append(opts.BlockDevice, servers.BlockDevice{
			SourceType: servers.SourceImage, DestinationType: servers.DestinationLocal, UUID: img.ID, DeleteOnTermination: true,
		})
	}
	for i, disk := range want.Disks {
		if disk.Volume == "" {
			continue
		}
		v, err := d.freeVolume(ctx, disk.Volume, want.ID)
		if err != nil {
			return err
		}
		boot := -1
		if i == 0 {
			boot = 0
		}
		opts.BlockDevice = append(opts.BlockDevice, servers.BlockDevice{
			SourceType: servers.SourceVolume, DestinationType: servers.DestinationVolume, UUID: v.ID, BootIndex: boot,
		})
	}
	var err error
	opts.FlavorRef, err = d.ensureFlavor(ctx, want, gib)
	return err
}

// planSeed fills the config drive: user data as they are, names and labels as Nova's metadata, the key as a keypair.
func (d *Driver) planSeed(ctx context.Context, c *gophercloud.ServiceClient, want provider.Server, opts *servers.CreateOpts) (func(servers.CreateOpts) servers.CreateOptsBuilder, error) {
	var err error
	if opts.UserData, err = userData(want.Seed.UserData); err != nil {
		return nil, err
	}
	meta, err := metaDataOf(want.Seed.MetaData)
	if err != nil {
		return nil, err
	}
	opts.Hostname = hostname(cmp.Or(meta.Hostname, want.Name))
	opts.Metadata = d.told(want, meta)
	opts.Metadata[metaDigest] = want.HardwareDigest()
	if want.Build != "" {
		opts.Metadata[metaBuild] = want.Build
	}
	if len(want.Disks) > 0 && want.Disks[0].Image != "" {
		opts.Metadata[metaImage] = want.Disks[0].Image
	}
	if len(meta.PublicKeys) == 0 {
		return func(o servers.CreateOpts) servers.CreateOptsBuilder { return o }, nil
	}
	key, err := ensureKeypair(ctx, c, meta.PublicKeys[0])
	if err != nil {
		return nil, err
	}
	return func(o servers.CreateOpts) servers.CreateOptsBuilder {
		return keypairs.CreateOptsExt{CreateOptsBuilder: o, KeyName: key}
	}, nil
}

var metaName = regexp.MustCompile(`^[a-zA-Z0-9-_:. ]{1,255}$`)

// userData is in base64 already, as gophercloud would take text that happens to be base64 for encoded.
func userData(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	data := []byte(text)
	if len(data) > gzipAbove {
		var small bytes.Buffer
		w := gzip.NewWriter(&small)
		if _, err := w.Write(data); err != nil {
			return nil, provider.Errorf(provider.ReasonInternal, "", "compress user data: %w", err)
		}
		if err := w.Close(); err != nil {
			return nil, provider.Errorf(provider.ReasonInternal, "", "compress user data: %w", err)
		}
		data = small.Bytes()
	}
	if len(data) > mostUser {
		return nil, provider.Errorf(provider.ReasonInvalid, "let the guest fetch the rest", "user data are %d bytes compressed, Nova takes %d", len(data), mostUser)
	}
	return []byte(base64.StdEncoding.EncodeToString(data)), nil
}

// metaData is what of the seed's meta-data Nova can tell the guest.
type metaData struct {
	Hostname   string   `yaml:"local-hostname"`
	PublicKeys []string `yaml:"public-keys"`
	Plaza      struct {
		Metadata map[string]string `yaml:"metadata"`
	} `yaml:"plaza"`
}

func metaDataOf(text string) (metaData, error) {
	var m metaData
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		return m, provider.Errorf(provider.ReasonInvalid, "", "meta-data of the seed: %w", err)
	}
	return m, nil
}

// hostname writes a name as a host name; "" leaves it to Nova.
func hostname(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name)
	if name = strings.Trim(name[:min(len(name), 63)], "-"); len(name) < 2 {
		return "" // Nova's API takes no shorter one, and makes it of the server's name itself
	}
	return name
}

// ensureKeypair keeps one keypair for each key, named by its sum; keypairs belong to the driver's user.
func ensureKeypair(ctx context.Context, c *gophercloud.ServiceClient, key string) (string, error) {
	sum := sha256.Sum256([]byte(strings.TrimSpace(key)))
	name := "plaza-" + hex.EncodeToString(sum[:12])
	_, err := keypairs.Get(ctx, c, name, nil).Extract()
	if !isCode(err, http.StatusNotFound) {
		return name, mapped("find keypair", err)
	}
	_, err = keypairs.Create(ctx, c, keypairs.CreateOpts{Name: name, PublicKey: strings.TrimSpace(key)}).Extract()
	if isCode(err, http.StatusConflict) {
		err = nil
	}
	return name, mapped("make keypair", err)
}
