package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/audit"
	"github.com/plazacloud/plaza/pkg/client"
)

func newAuditHeadCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "head", Short: "Tell how far the chained audit goes, signed: keep it elsewhere, and verify against it later", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			h, err := client.Read[audit.Head](c.GetAuditHead(cmd.Context()))
			if err != nil {
				return err
			}
			r := report{header: []string{"HEAD", "AT", "KEY"}, data: h}
			r.add(h.Hash, fmt.Sprintf("%d:%s", h.Seq, h.Hash), stamp(&h.At), h.Key)
			return a.print(r)
		}}
}

func newAuditExportCommand(a *app) *cobra.Command {
	var after int64
	cmd := &cobra.Command{Use: "export FILE", Short: "Write the audit of the whole installation, with the chain that tells whether it was altered; - for the output", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "-" {
				return a.exportAudit(cmd.Context(), a.Out, after)
			}
			return whole(args[0], func(w io.Writer) error { return a.exportAudit(cmd.Context(), w, after) })
		}}
	cmd.Flags().Int64Var(&after, "after", 0, "leave out entries up to this place")
	return cmd
}

// chainPage is not the generated type: numbers have to stay as they are written.
type chainPage struct {
	Before string       `json:"before"`
	Items  []audit.Link `json:"items"`
}

// exportAudit writes links up to the head of now, then the head. What is chained meanwhile is left for the next time.
func (a *app) exportAudit(ctx context.Context, w io.Writer, after int64) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	head, err := client.Read[audit.Head](c.GetAuditHead(ctx))
	if err != nil {
		return err
	}
	p := a.newProgress()
	defer p.end()
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for at := after; ; {
		page, err := client.Read[chainPage](c.ListAuditChain(ctx, &client.ListAuditChainParams{After: opt(at)}))
		if err != nil {
			return err
		}
		if at == after && after > 0 {
			err = out.Encode(audit.Start{Seq: after, Before: page.Before})
		}
		for _, l := range page.Items {
			if l.Seq <= head.Seq {
				err = errors.Join(err, out.Encode(l))
				at = l.Seq
			}
		}
		if err != nil {
			return err
		}
		if at >= head.Seq || len(page.Items) == 0 {
			break
		}
		p.tell("%d of %d entries", at-after, head.Seq-after)
	}
	return out.Encode(audit.End{Head: head})
}

type chainExpectation struct{ head, key string }

func newAuditVerifyCommand(a *app) *cobra.Command {
	var o chainExpectation
	cmd := &cobra.Command{Use: "verify FILE", Short: "Check an exported audit, without a connection: nothing altered, nothing missing, signed; - for the input", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.verifyAudit(args[0], o) }}
	cmd.Flags().StringVar(&o.head, "head", "", "PLACE:HASH that was kept earlier, as plaza audit head tells: what was before it must still be the same")
	cmd.Flags().StringVar(&o.key, "key", "", "public key of the installation that was kept earlier: the head must be signed by it")
	return cmd
}

func (a *app) verifyAudit(path string, o chainExpectation) error {
	want, err := o.link()
	if err != nil {
		return err
	}
	in := io.NopCloser(a.In)
	if path != "-" {
		if in, err = os.Open(path); err != nil { //nolint:gosec // the caller's own file
			return err
		}
	}
	defer in.Close() //nolint:errcheck // it was only read
	found, err := audit.Verify(in, want)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if wrong := o.wrong(found); len(wrong) > 0 {
		return fmt.Errorf("%s is not what was done:\n  %s", path, strings.Join(wrong, "\n  "))
	}
	fmt.Fprintf(a.Out, "%d entries up to %d: none altered, none missing\nhead %d:%s of %s\nsigned by %s\n",
		found.Entries, found.Last, found.Head.Seq, found.Head.Hash, stamp(&found.Head.At), found.Head.Key)
	return nil
}

func (o chainExpectation) link() (audit.Expectation, error) {
	if o.head == "" {
		return audit.Expectation{}, nil
	}
	place, hash, ok := strings.Cut(o.head, ":")
	seq, err := strconv.ParseInt(place, 10, 64)
	if !ok || err != nil || seq < 1 {
		return audit.Expectation{}, fmt.Errorf("--head %q is not PLACE:HASH, as plaza audit head tells", o.head)
	}
	return audit.Expectation{Seq: seq, Hash: hash}, nil
}

// wrong is what speaks against a file.
func (o chainExpectation) wrong(found audit.Report) (out []string) {
	for _, f := range found.Faults {
		out = append(out, f.String())
	}
	if len(found.Faults) > 0 {
		return out
	}
	if found.Head == nil {
		return []string{"it has no head: it was cut off"}
	}
	if !found.Known {
		out = append(out, "the entry of --head is not in it")
	}
	if o.key != "" && o.key != found.Head.Key {
		out = append(out, "its head was signed by another key, "+found.Head.Key)
	}
	return out
}
