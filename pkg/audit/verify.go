package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Report is what Verify found in a file.
type Report struct {
	Entries int
	Last    int64 // place of the last entry, and its hash
	Hash    string
	Head    *Head // that the file ends with; nil: it was cut off, or never ended
	Faults  []Fault
	Known   bool // whether the place that was expected was seen, with its hash
}

// Fault is a place at which the chain does not hold.
type Fault struct {
	Seq  int64
	What string
}

func (f Fault) String() string { return fmt.Sprintf("entry %d: %s", f.Seq, f.What) }

// maxLine bounds a line of a file, which holds a specification before and after.
const maxLine = 16 << 20

// maxFaults ends a verification that finds nothing but faults.
const maxFaults = 100

// Expectation is a link that was seen before, such as the head of an earlier export; a zero Seq expects nothing.
type Expectation struct {
	Seq  int64
	Hash string
}

// Verify reads what export wrote, a link or a head on each line, and finds where the chain does not hold. After a fault
// it goes on from the hash that the file gives, so that each alteration is told once. Errors are those of reading.
func Verify(r io.Reader, want Expectation) (Report, error) {
	v := verification{want: want}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if err := v.line(lines.Bytes()); err != nil {
			return v.Report, fmt.Errorf("line %d: %w", n, err)
		}
		if len(v.Faults) >= maxFaults {
			return v.Report, nil
		}
	}
	v.Known = v.Known || want.Seq == 0
	return v.Report, lines.Err()
}

type verification struct {
	Report
	want Expectation
}

func (v *verification) line(text []byte) error {
	var l struct {
		Link
		Head   *Head   `json:"head"`   // of an End
		Before *string `json:"before"` // of a Start
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("it is not what an export writes: %w", err)
	}
	switch {
	case v.Head != nil:
		return errors.New("something follows the head, which is the end")
	case l.Head != nil:
		v.Head = l.Head
		v.end()
	case l.Before != nil:
		if v.Last != 0 {
			return errors.New("the start stands after another line")
		}
		v.Hash, v.Last = *l.Before, l.Seq
		v.meet()
	case l.Seq < 1:
		return errors.New("it is neither an entry nor a head")
	default:
		v.link(l.Link)
	}
	return nil
}

func (v *verification) link(l Link) {
	switch {
	case l.Seq != v.Last+1:
		v.fault(l.Seq, fmt.Sprintf("it follows entry %d: what was between is missing", v.Last))
	case len(l.Entry) == 0 || string(l.Entry) == "null":
		v.fault(l.Seq, "it was deleted")
	default:
		if hash, err := Hash(v.Hash, l.Seq, l.Entry); err != nil || hash != l.Hash {
			v.fault(l.Seq, "it was altered, or the one before it was")
		}
	}
	v.Entries++
	v.Last, v.Hash = l.Seq, l.Hash
	v.meet()
}

// meet compares with the link that was expected.
func (v *verification) meet() {
	if v.want.Seq == 0 || v.Last != v.want.Seq {
		return
	}
	v.Known = v.Hash == v.want.Hash
	if !v.Known {
		v.fault(v.Last, "its hash is another one than was known: the log was written anew")
	}
}

func (v *verification) end() {
	if err := v.Head.Check(); err != nil {
		v.fault(v.Head.Seq, "the head is forged: "+err.Error())
	}
	if v.Head.Seq != v.Last || v.Head.Hash != v.Hash {
		v.fault(v.Head.Seq, fmt.Sprintf("the head is of this entry, and the last one in the file is %d: some are missing", v.Last))
	}
}

func (v *verification) fault(seq int64, what string) {
	v.Faults = append(v.Faults, Fault{seq, what})
}
