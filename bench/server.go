package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"

	"github.com/google/uuid"
)

func init() {
	benches["server"] = bench{"from POST /v1/servers to the guest's first HTTP answer, beside the same domain by qemu-img and virsh alone (target: ratio ≤ 1.1)", benchServer}
}

func benchServer(ctx context.Context) error {
	runs := 5
	if *quick {
		runs = 1
	}
	s, err := startSite(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.furnish(ctx); err != nil {
		return err
	}
	if err := s.warmUp(ctx); err != nil { // fills the page cache and makes the network, for both alike
		return err
	}
	fmt.Println("| run | Plaza | virsh | ratio |")
	fmt.Println("|---:|---:|---:|---:|")
	var ours, theirs []time.Duration
	for i := range runs {
		plaza, virsh, err := s.pair(ctx, fmt.Sprint("s", i))
		if err != nil {
			return err
		}
		ours, theirs = append(ours, plaza), append(theirs, virsh)
		fmt.Printf("| %d | %s | %s | %.2f |\n", i+1, milliseconds(plaza), milliseconds(virsh), float64(plaza)/float64(virsh))
	}
	fmt.Printf("| median | %s | %s | **%.2f** |\n", milliseconds(median(ours)), milliseconds(median(theirs)), float64(median(ours))/float64(median(theirs)))
	return s.call(ctx, http.MethodDelete, "/v1/networks/net?wait=60s&project="+s.project, nil, nil)
}

func (s *site) warmUp(ctx context.Context) error {
	_, _, err := s.pair(ctx, "warm")
	return err
}

// pair makes a server by Plaza, and then, with that one switched off, the same domain by virsh; both are removed.
func (s *site) pair(ctx context.Context, name string) (plaza, virsh time.Duration, err error) {
	endpoint := freeAddress()
	began := time.Now()
	var made struct{ Object struct{ ID string } }
	if err := s.call(ctx, http.MethodPost, "/v1/servers", s.server(name, endpoint), &made); err != nil {
		return 0, 0, err
	}
	if err := s.answers(ctx, endpoint); err != nil {
		return 0, 0, err
	}
	plaza = time.Since(began)
	path := "/v1/servers/" + made.Object.ID
	if err := s.call(ctx, http.MethodPost, path+"/stop?wait=90s", nil, nil); err != nil {
		return 0, 0, err
	}
	if virsh, err = s.byHand(ctx, made.Object.ID, endpoint); err != nil {
		return 0, 0, err
	}
	return plaza, virsh, s.call(ctx, http.MethodDelete, path+"?wait=90s", nil, nil)
}

func (s *site) server(name, endpoint string) map[string]any {
	return map[string]any{"name": name, "project": s.project, "spec": map[string]any{"flavor": "small", "image": "appliance", "network": "net", "securityGroups": []string{"web"},
		"publish": []any{map[string]any{"port": 8080, "listen": endpoint}}, "userData": webServer}}
}

const webServer = `#cloud-config
plaza:
  services:
    - {name: web, command: [busybox, httpd, -f, -p, "8080", -h, /etc]}
`

// answers waits for a whole HTTP answer: that the port is open says only that the host's side is there.
func (s *site) answers(ctx context.Context, endpoint string) error {
	client := &http.Client{Timeout: 500 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if resp, err := client.Get("http://" + endpoint + "/hostname"); err == nil {
			_ = resp.Body.Close()
			return nil
		}
	}
	return fmt.Errorf("the guest at %s did not answer within two minutes", endpoint)
}

var (
	diskFile = regexp.MustCompile(`<source file='([^']+)'[^>]*/>\s*(?:<backingStore/>\s*)?<target dev='vda'`)
	nameTag  = regexp.MustCompile(`<name>[^<]*</name>`)
	uuidTag  = regexp.MustCompile(`<uuid>[^<]*</uuid>`)
	metadata = regexp.MustCompile(`(?s)<metadata>.*?</metadata>`)
)

// byHand defines and starts the domain of a stopped server under another name, on a fresh disk of the same image, with
// the same card, seed and boot.
func (s *site) byHand(ctx context.Context, id, endpoint string) (time.Duration, error) {
	text, err := exec.CommandContext(ctx, "virsh", "--quiet", "--connect", s.uri, "dumpxml", "--inactive", id).Output()
	if err != nil {
		return 0, fmt.Errorf("dumpxml: %w", err)
	}
	found := diskFile.FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("no root disk in the domain's XML: %s", text)
	}
	disk, other := string(found[1]), uuid.NewString()
	info, err := exec.CommandContext(ctx, "qemu-img", "info", "-U", "--output", "json", disk).Output()
	if err != nil {
		return 0, err
	}
	var image struct {
		Backing string `json:"full-backing-filename"`
		Size    int64  `json:"virtual-size"`
	}
	if err := json.Unmarshal(info, &image); err != nil {
		return 0, err
	}
	fresh := filepath.Join(s.dir, "hand.qcow2")
	xml := metadata.ReplaceAll(uuidTag.ReplaceAll(nameTag.ReplaceAll(text, []byte("<name>hand</name>")), []byte("<uuid>"+other+"</uuid>")), nil)
	xml = regexp.MustCompile(regexp.QuoteMeta(disk)).ReplaceAll(xml, []byte(fresh))
	file := filepath.Join(s.dir, "hand.xml")
	if err := os.WriteFile(file, xml, 0o600); err != nil {
		return 0, err
	}
	defer func() {
		_ = s.virsh(context.WithoutCancel(ctx), "destroy", "hand")
		_ = s.virsh(context.WithoutCancel(ctx), "undefine", "hand")
		_ = os.Remove(fresh)
	}()
	began := time.Now()
	if out, err := exec.CommandContext(ctx, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.Backing, fresh, fmt.Sprint(image.Size)).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("qemu-img: %w: %s", err, out)
	}
	if err := s.virsh(ctx, "define", file); err != nil {
		return 0, err
	}
	if err := s.virsh(ctx, "start", "hand"); err != nil {
		return 0, err
	}
	err = s.answers(ctx, endpoint)
	return time.Since(began), err
}
