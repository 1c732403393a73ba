package kinds

import (
	"context"
	"regexp"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ServerBackupSpec is a whole server, its own disk and its volumes, as it was at a moment.
type ServerBackupSpec struct {
	Server  string       `json:"server" minLength:"1" maxLength:"63" doc:"Server it is taken of, running or not; that may be deleted later"`
	Keep    int          `json:"keep,omitempty" readOnly:"true" doc:"Once it is there, so many stay of the server's backups that were made with such a number; set by the backup verb of a server"`
	Restore *RestoreSpec `json:"restore,omitempty" readOnly:"true" doc:"The last restore that was asked for"`
}

// RestoreSpec asks once for a restore.
type RestoreSpec struct {
	RestoreInput
	AskedAt string `json:"askedAt" doc:"Tells one restore from the next"`
}

// RestoreInput is what restore takes.
type RestoreInput struct {
	As      string `json:"as,omitempty" maxLength:"63" doc:"Name of the new server"`
	InPlace bool   `json:"inPlace,omitempty" doc:"Instead of a new server: make the own disk of the server anew, and give it new volumes in place of those it has, which stay, detached"`
	Flavor  string `json:"flavor,omitempty" maxLength:"63" doc:"Of the new server; that of the backup when empty"`
	Network string `json:"network,omitempty" maxLength:"63" doc:"Of the new server, by name or id; that of the backup when empty"`
}

// ServerBackupStatus is what the backup keeps, and where.
type ServerBackupStatus struct {
	Host        string               `json:"host,omitempty" doc:"Id of the host or region that keeps it: that of the server"`
	ServerName  string               `json:"serverName,omitempty" doc:"Name of the server at that moment"`
	SizeGiB     int                  `json:"sizeGiB,omitempty" doc:"Of all disks together"`
	CreatedAt   *time.Time           `json:"createdAt,omitempty" doc:"The moment it keeps"`
	Consistency provider.Consistency `json:"consistency,omitempty" enum:"stopped,quiesced,crash,apart" doc:"How its disks belong together: the server was off (stopped); of one moment, for which the guest had written everything (quiesced); of one moment, as after a power cut (crash); each as after a power cut, seconds apart (apart)"`
	Parts       []ServerBackupPart   `json:"parts,omitempty" doc:"The backups that it is made of, that of the server's own disk first"`
	Of          *ServerRecord        `json:"of,omitempty" doc:"What the server was, as a restored one will be"`
	Rotated     bool                 `json:"rotated,omitempty" doc:"Older ones were removed as keep says"`
	Restore     *RestoreStatus       `json:"restore,omitempty" doc:"What became of the last restore"`
}

// ServerBackupPart is the backup of one disk.
type ServerBackupPart struct {
	Backup     string `json:"backup" doc:"Id"`
	Volume     string `json:"volume,omitempty" doc:"Id of the volume; none: the server's own disk"`
	VolumeName string `json:"volumeName,omitempty"`
	SizeGiB    int    `json:"sizeGiB"`
	Tier       string `json:"tier,omitempty"`
}

// ServerRecord is what of a server a restored one is made with. User data are not: they are secret, and did their work.
type ServerRecord struct {
	Flavor         string            `json:"flavor"`
	Image          string            `json:"image"`
	Network        string            `json:"network" doc:"Id"`
	SecurityGroups []string          `json:"securityGroups,omitempty" doc:"Ids"`
	Keypair        string            `json:"keypair,omitempty" doc:"Id"`
	Metadata       map[string]string `json:"metadata,omitempty"`
}

// RestoreStatus is where a restore stands.
type RestoreStatus struct {
	AskedAt string   `json:"askedAt"`
	State   string   `json:"state" enum:"working,done,failed"`
	Volumes []string `json:"volumes,omitempty" doc:"Ids of the new volumes"`
	Server  string   `json:"server,omitempty" doc:"Id of the server"`
	Message string   `json:"message,omitempty" doc:"Why it failed"`
}

// States of a restore.
const (
	restoreWorking = "working"
	restoreDone    = "done"
	restoreFailed  = "failed"
)

// ServerBackup is a whole server as it was at a moment.
type ServerBackup = resource.Object[ServerBackupSpec, ServerBackupStatus]

// VerbBackup is the verb of a server that makes its backup, and alone says how many stay.
const VerbBackup = "backup"

// verbRestore is that of a backup, and of what it does to its server.
const verbRestore = "restore"

func serverBackupKind(b Backends) resource.Kind[ServerBackupSpec, ServerBackupStatus] {
	return resource.Kind[ServerBackupSpec, ServerBackupStatus]{
		Name: "serverbackup", Plural: "serverbackups", Doc: "A whole server, its own disk and its volumes, as it was at a moment; it outlives the server, which can be restored from it.",
		Columns: []resource.Column{{Header: "SERVER", Path: "status.serverName"}, {Header: "GIB", Path: "status.sizeGiB"}, {Header: "TAKEN", Path: "status.createdAt"},
			{Header: "CONSISTENCY", Path: "status.consistency"}, {Header: "KEEP", Path: "spec.keep"}},
		Indexed:  []string{"spec.server", "status.host"},
		Default:  defaultServerBackup,
		Validate: validateServerBackup,
		Charge:   func(*ServerBackup) resource.Charges { return resource.Charges{"server_backups": 1} },
		ValidateDelete: func(_ context.Context, _ *resource.Admission, o *ServerBackup) error {
			if restoring(o) {
				return resource.Problemf(resource.ReasonInUse, "serverbackup", "wait for its end", "a restore from server backup %s is under way", o.Name)
			}
			return nil
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *ServerBackup) (resource.Result, error) {
			return serverBackupPass{b, r, o}.reconcile(ctx)
		},
		Actions: map[string]resource.Action[ServerBackupSpec, ServerBackupStatus]{
			verbRestore: {Doc: "Make a new server of it, or bring the server back to it in place.", Input: &RestoreInput{}, Apply: askRestore},
		},
	}
}

// restoring tells whether a restore was asked for that has not ended.
func restoring(o *ServerBackup) bool {
	w, st := o.Spec.Restore, o.Status.Restore
	return w != nil && (st == nil || st.AskedAt != w.AskedAt || st.State == restoreWorking)
}

// defaultServerBackup turns the server's name into its id. One that was taken keeps the id of a server that is gone.
func defaultServerBackup(ctx context.Context, a *resource.Admission, o *ServerBackup) error {
	s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, o.Spec.Server, "spec.server", "serverbackup")
	if resource.ReasonOf(err) == resource.ReasonInvalid && o.Status.CreatedAt != nil {
		if was, werr := find[ServerBackupSpec, ServerBackupStatus](ctx, a, "serverbackup", "", o.ID, "id", "serverbackup"); werr != nil || o.Spec.Server == o.Status.ServerName {
			o.Spec.Server = was.Spec.Server
			return werr
		}
		return nil
	}
	if err != nil {
		return err
	}
	o.Spec.Server = s.ID
	if o.Status.CreatedAt == nil && s.Spec.Adopted != nil {
		return errAdopted(&s, "backed up as a whole")
	}
	return nil
}

func validateServerBackup(_ context.Context, a *resource.Admission, old, o *ServerBackup) error {
	if old == nil {
		o.Spec.Restore = nil
		if a.Verb != VerbBackup {
			o.Spec.Keep = 0
		}
		return nil
	}
	o.Spec.Keep = old.Spec.Keep
	if a.Verb != verbRestore {
		o.Spec.Restore = old.Spec.Restore
	}
	if old.Spec.Server != o.Spec.Server {
		return resource.Invalid("serverbackup", "spec.server", o.Spec.Server, "can not be changed; take another backup")
	}
	return nil
}

var objectName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$`)

func askRestore(ctx context.Context, a *resource.Admission, o *ServerBackup, input any) error {
	in := *input.(*RestoreInput)
	conflict := func(hint, format string, args ...any) error {
		return resource.Problemf(resource.ReasonConflict, "serverbackup", hint, format, args...)
	}
	switch {
	case o.Status.CreatedAt == nil:
		return conflict("wait until it is", "server backup %s is not taken yet", o.Name)
	case restoring(o):
		return conflict("wait for its end", "a restore from server backup %s is under way", o.Name)
	case in.InPlace == (in.As != ""):
		return resource.Invalid("serverbackup", "input.as", in.As, "either names a new server, or inPlace says that the old one is brought back")
	case in.InPlace && in.Flavor+in.Network != "":
		return resource.Invalid("serverbackup", "input.flavor", in.Flavor, "flavor and network are for a new server")
	case in.As != "" && !objectName.MatchString(in.As):
		return resource.Invalid("serverbackup", "input.as", in.As, "1 to 63 lower-case letters, digits, dots and dashes; a letter or digit at both ends")
	}
	if in.InPlace {
		if err := refuseInPlace(ctx, a, o); err != nil {
			return err
		}
	} else if _, err := a.Get(ctx, "server", o.Project, in.As); err == nil {
		return resource.Problemf(resource.ReasonAlreadyExists, "serverbackup", "choose another name", "there is a server named %s already", in.As)
	}
	o.Spec.Restore = &RestoreSpec{RestoreInput: in, AskedAt: now()}
	return nil
}

// refuseInPlace refuses to bring a server back that is not there, or that others have the say of.
func refuseInPlace(ctx context.Context, r resource.Reader, o *ServerBackup) error {
	s, err := find[ServerSpec, ServerStatus](ctx, r, "server", o.Project, o.Spec.Server, "spec.server", "serverbackup")
	if err != nil {
		return resource.Problemf(resource.ReasonConflict, "serverbackup", "restore it as a new server", "server %s is gone", o.Status.ServerName)
	}
	conflict := func(hint, why string) error {
		return resource.Problemf(resource.ReasonConflict, "serverbackup", hint, "server %s %s", s.Name, why)
	}
	switch {
	case s.Spec.Locked != nil:
		return s.Spec.Locked.Refuse(&s)
	case s.DeletingAt != nil:
		return conflict("restore it as a new server", "is being deleted")
	case s.Owner != nil:
		return conflict("restore it as a new server", "belongs to a "+s.Owner.Kind+", which says what it is made of")
	case len(s.Spec.Snapshots) > 0:
		return conflict("take them out of spec.snapshots first", "has snapshots, which a new own disk makes useless")
	case s.Spec.Rescue != nil:
		return conflict("end that first with: plaza server unrescue "+s.Name, "is in rescue")
	case s.Spec.Resize != nil:
		return conflict("confirm-resize keeps the new flavor, revert-resize brings the old one back", "waits for its resize to be confirmed or reverted")
	case resting(s.Spec.Power):
		return conflict("start it first", "is "+s.Spec.Power)
	}
	return nil
}
