package runbook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

const dialTime = 20 * time.Second

// hostKey reads a public key as ssh-keyscan and known_hosts tell it, with or without the names before it.
func hostKey(text string) (ssh.PublicKey, error) {
	fields := strings.Fields(text)
	for i, f := range fields {
		if strings.HasPrefix(f, "ssh-") || strings.HasPrefix(f, "ecdsa-") || strings.HasPrefix(f, "sk-") {
			key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(strings.Join(fields[i:], " ")))
			return key, err
		}
	}
	return nil, errors.New("there is no type of key")
}

// algorithms are those by which a machine proves that it has a key of a type.
func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

// ssh runs a command on a machine, once, and looks how far it is.
func (p *pass) ssh(ctx context.Context, actor resource.Actor, in SSHArgs, w *Work, left time.Duration) (progress, error) {
	if err := p.objects.Authorize(ctx, actor, "create", "run", ""); err != nil {
		return progress{}, err
	}
	secrets, err := p.secrets(ctx)
	if err != nil {
		return progress{}, err
	}
	client, err := sshConfig(in, secrets[in.Key])
	if err != nil {
		return progress{}, err
	}
	got, err := p.remote.ensure(ctx, w.Try, p.o.ID, left, func(ctx context.Context) (result, error) {
		out := &errand.Tail{}
		exit, lost, err := overSSH(ctx, address(in.Address), client, quoted(in.Command), out)
		return result{exit: exit, lost: lost, output: masked(out.String(), secrets)}, err
	})
	if err != nil {
		return progress{}, err
	}
	w.Changed, w.Output = true, got.Output
	switch got.State {
	case executionLost:
		return progress{lost: true, message: strings.TrimSuffix("nobody knows whether the command was done: "+got.Problem, ": ")}, nil
	case executionEnded:
		return ended("the command", int(got.ExitCode), got.Problem)
	}
	return progress{message: "the command runs on " + in.Address}, nil
}

func sshConfig(in SSHArgs, key string) (*ssh.ClientConfig, error) {
	signer, err := ssh.ParsePrivateKey([]byte(key))
	if err != nil { // what it says of the key may hold parts of it
		return nil, resource.Problemf(resource.ReasonInvalid, "runbook", "set it anew in the runbook's secrets", "the secret %s is no private key", in.Key)
	}
	known, err := hostKey(in.HostKey)
	if err != nil {
		return nil, resource.Invalid("run", "hostKey", in.HostKey, "is no public key: %v", err)
	}
	return &ssh.ClientConfig{User: in.User, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.FixedHostKey(known),
		HostKeyAlgorithms: algorithms(known), Timeout: dialTime}, nil
}

func address(a string) string {
	if _, _, err := net.SplitHostPort(a); err == nil {
		return a
	}
	return net.JoinHostPort(strings.Trim(a, "[]"), "22")
}

// quoted is a command line for the shell that every SSH server hands it to: each part is taken as it is.
func quoted(command []string) string {
	parts := make([]string, len(command))
	for i, c := range command {
		parts[i] = "'" + strings.ReplaceAll(c, "'", `'\''`) + "'"
	}
	return strings.Join(parts, " ")
}

// overSSH runs a command. Until it was sent nothing was done; after that only its exit tells what was.
func overSSH(ctx context.Context, addr string, cfg *ssh.ClientConfig, line string, out *errand.Tail) (exit int, lost bool, err error) {
	dialer := net.Dialer{Timeout: dialTime}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return -1, false, fmt.Errorf("%s is not reached: %w", addr, err)
	}
	defer conn.Close() //nolint:errcheck // the client's end has closed it
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(dialTime)); err != nil {
		return -1, false, err
	}
	c, chans, reqs, err := ssh.NewClientConn(conn, addr, cfg)
	if err != nil {
		return -1, false, fmt.Errorf("%s does not let us in, or is not the machine that is known: %w", addr, err)
	}
	client := ssh.NewClient(c, chans, reqs)
	defer client.Close() //nolint:errcheck // nothing is lost with it
	session, err := client.NewSession()
	if err != nil {
		return -1, false, fmt.Errorf("%s gives no session: %w", addr, err)
	}
	defer session.Close() //nolint:errcheck // as above
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return -1, false, err
	}
	session.Stdout, session.Stderr = out, out
	err = session.Run(line)
	var failed *ssh.ExitError
	switch {
	case err == nil:
		return 0, false, nil
	case errors.As(err, &failed):
		return failed.ExitStatus(), false, failed
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return -1, true, errors.New("it took too long; the connection was closed")
	}
	return -1, true, fmt.Errorf("the connection ended before the command did: %w", err)
}
