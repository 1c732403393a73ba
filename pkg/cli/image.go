package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
	"github.com/plazacloud/plaza/pkg/qcow2"
)

// addImageCommands puts to the verbs of the kind what takes more than one call.
func addImageCommands(a *app, noun *cobra.Command) {
	k := images(a)
	replace(noun, newUploadCommand(k), newImageShowCommand(k))
}

func images(a *app) *kindCommand {
	n, _ := client.FindNoun("image")
	return &kindCommand{app: a, noun: n}
}

type uploadOptions struct {
	name      string
	format    string
	arch      string
	minDisk   int
	minMemory int
	everybody bool
	wait      bool
}

func newUploadCommand(k *kindCommand) *cobra.Command {
	var o uploadOptions
	cmd := &cobra.Command{
		Use: "upload FILE", Short: "Make an image of a file of this machine", Args: cobra.ExactArgs(1),
		Long: `Make an image of a file of this machine. It belongs to the project in use, whose members alone see it until it is shared.

The bytes are sent as they are read, and their SHA-256 is compared with what came. An upload that broke off goes on where it was when
the command is given again, within a day. A qcow2 with a backing file or a data file is refused: make one of its own with qemu-img convert.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runUpload(cmd.Context(), k, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "of the image")
	f.StringVar(&o.format, "format", "", "qcow2 or raw (default: what the file begins like)")
	f.StringVar(&o.arch, "arch", "", "of the processors that run it (default x86_64)")
	f.IntVar(&o.minDisk, "min-disk", 0, "smallest disk of a server with it, in GiB (default: the size of the disk that the file holds)")
	f.IntVar(&o.minMemory, "min-memory", 0, "least memory of a server with it, in MiB")
	f.BoolVar(&o.everybody, "everybody", false, "make it everybody's instead of a project's, which is for operators")
	f.BoolVar(&o.wait, "wait", false, "until it is ready; one for everybody is brought to all hosts first")
	_ = cmd.MarkFlagRequired("name")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"qcow2", "raw"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runUpload(ctx context.Context, k *kindCommand, path string, o uploadOptions) error {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return usagef("%w", err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() || st.Size() == 0 {
		return usagef("%s is no file with something in it", path)
	}
	if o.format == "" {
		if o.format, err = formatOf(file); err != nil {
			return err
		}
	}
	u := &upload{kindCommand: k, file: file, size: st.Size(), sum: sha256.New(), line: k.newProgress()}
	defer u.line.end()
	if err := u.begin(ctx, o); err != nil {
		return err
	}
	if err := u.send(ctx); err != nil {
		return u.undo(ctx, err)
	}
	done, err := u.finish(ctx)
	if err != nil {
		return u.undo(ctx, err)
	}
	u.line.end()
	return k.finish(ctx, []outcome{done}, o.wait)
}

// formatOf is what a file begins like.
func formatOf(file io.ReaderAt) (string, error) {
	head := make([]byte, qcow2.HeadBytes)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	if h, _ := qcow2.Parse(head[:n]); h.Qcow2 { // the server says what is wrong with it
		return "qcow2", nil
	}
	return "raw", nil
}

// begin makes the image, or finds the one that an upload was begun for.
func (u *upload) begin(ctx context.Context, o uploadOptions) error {
	c, err := u.connect()
	if err != nil {
		return err
	}
	u.client = c
	project := ""
	if !o.everybody {
		if project, err = u.someProject(ctx); err != nil {
			return err
		}
		if project == "" {
			return usagef("say whose the image is with --project, or --everybody")
		}
	}
	spec := map[string]any{"format": o.format, "disk": map[string]any{"url": "plaza:upload", "sha256": "", "bytes": u.size}}
	for name, v := range map[string]any{"arch": o.arch, "minDiskGiB": o.minDisk, "minMemoryMiB": o.minMemory} {
		if v != "" && v != 0 {
			spec[name] = v
		}
	}
	made, err := u.create(ctx, &document{Name: o.name, Project: project, Spec: spec, noun: u.noun}, false)
	if client.ReasonOf(err) == "AlreadyExists" {
		return u.resume(ctx, client.Target{ID: o.name, Project: project}, err)
	}
	u.image, u.made = made.Object, true
	return err
}

// resume goes on with an upload of a file of this size; taken is why there is none to be made.
func (u *upload) resume(ctx context.Context, t client.Target, taken error) error {
	o, err := client.Read[client.Object](u.noun.Get(ctx, u.client, t))
	if err != nil {
		return taken
	}
	waits := strings.Join(o.Lookup("spec.disk.url"), "") == "plaza:upload" && strings.Join(o.Lookup("spec.disk.sha256"), "") == ""
	if !waits || strings.Join(o.Lookup("spec.disk.bytes"), "") != strconv.FormatInt(u.size, 10) {
		return taken
	}
	u.image = o
	return u.look(ctx)
}

// finish tells the server what the file's checksum is; it takes the image for whole if its own is the same.
func (u *upload) finish(ctx context.Context) (outcome, error) {
	body, err := jsonBody(map[string]string{"sha256": hex.EncodeToString(u.sum.Sum(nil))})
	if err != nil {
		return outcome{}, err
	}
	for _, act := range u.noun.Actions {
		if act.Name == "finish" {
			done, err := client.Read[client.Applied](act.Do(ctx, u.client, client.Target{ID: u.image.ID}, client.Write{Key: newKey()}, body))
			return outcome{noun: u.noun, Applied: done, verb: "uploaded"}, err
		}
	}
	return outcome{}, fmt.Errorf("the server takes no uploads")
}

func newImageShowCommand(k *kindCommand) *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show whose an image is, with whom it is shared, and how far its upload is", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return runImageShow(cmd.Context(), k, args[0]) },
	}
}

func runImageShow(ctx context.Context, k *kindCommand, name string) error {
	o, err := k.get(ctx, name)
	if err != nil {
		return err
	}
	one := func(path string) string { return strings.Join(o.Lookup(path), ", ") }
	r := report{header: []string{"WHAT", "IS"}, data: o}
	add := func(what, is string) {
		if is != "" {
			r.add(what, what, is)
		}
	}
	owner := "everybody"
	if o.Project != "" {
		owner = k.nodeName(ctx, o.Project)
	}
	add("name", o.Name)
	add("id", o.ID)
	add("phase", o.Phase+colon(o.Message()))
	add("belongs to", owner)
	for _, node := range o.Lookup("spec.sharedWith") {
		add("shared with", k.nodeName(ctx, node))
	}
	add("format", one("spec.format"))
	add("arch", one("spec.arch"))
	if n, err := strconv.ParseInt(one("spec.disk.bytes"), 10, 64); err == nil && n > 0 {
		add("size", amount(n))
	}
	add("sha256", one("spec.disk.sha256"))
	add("smallest disk", suffixed(one("spec.minDiskGiB"), " GiB"))
	add("least memory", suffixed(one("spec.minMemoryMiB"), " MiB"))
	add("on", one("status.hosts"))
	return k.print(r)
}

func suffixed(text, unit string) string {
	if text == "" {
		return ""
	}
	return text + unit
}
