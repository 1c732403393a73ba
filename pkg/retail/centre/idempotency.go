package centre

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// KeyHeader names the header every POST carries; CallerHeader scopes the key to one caller.
const (
	KeyHeader    = "Idempotency-Key"
	CallerHeader = "X-Retail-Caller"
	maxBody      = 1 << 20
)

// Reply is the outcome of a command. Body is written as JSON.
type Reply struct {
	Status int
	Body   any
	ETag   string
}

// Command identifies one POST: who sent it, under which key, and the hash of what it says.
type Command struct {
	Caller, Key string
	Hash        []byte
	Body        []byte
}

// Recorded is a stored answer, replayed byte for byte.
type Recorded struct {
	Status int
	Body   []byte
}

// WriteTo sends the recorded answer.
func (r *Recorded) WriteTo(w http.ResponseWriter) {
	ct := "application/json"
	if r.Status >= 400 {
		ct = problem.ContentType
	}
	w.Header().Set("Content-Type", ct)
	w.WriteHeader(r.Status)
	_, _ = w.Write(r.Body)
}

// ReadCommand reads the body (at most 1 MiB) and the key of a POST.
func ReadCommand(r *http.Request) (*Command, error) {
	key := r.Header.Get(KeyHeader)
	if key == "" || len(key) > 200 {
		return nil, problem.New(http.StatusBadRequest, "idempotency_key_required",
			"Every POST needs an Idempotency-Key of 1 to 200 characters.",
			"Send a fresh UUID, and the same one again when you retry.")
	}
	body, err := ReadBody(r)
	if err != nil {
		return nil, err
	}
	caller := r.Header.Get(CallerHeader)
	if caller == "" {
		caller = "public"
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n%s\n", r.Method, r.URL.Path)
	h.Write(body)
	return &Command{Caller: caller, Key: key, Hash: h.Sum(nil), Body: body}, nil
}

// ReadBody reads at most 1 MiB of the request's body.
func ReadBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, problem.New(http.StatusRequestEntityTooLarge, "body_too_large",
			"The body could not be read or is above 1 MiB.", "Send less in one request.")
	}
	return body, nil
}

// Decode reads JSON into v and refuses unknown members, so that a misspelt field is never ignored.
func Decode(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return problem.New(http.StatusBadRequest, "bad_json", "The body is not the expected JSON: "+err.Error()+".",
			"Compare the member names and types with the API reference.")
	}
	return nil
}

// The advisory lock makes a second concurrent request fail at once instead of waiting for the
// first one's row; a key claimed and not yet settled has a NULL status.
const claimSQL = `
WITH l AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '/' || $2, 7)) AS ok),
ins AS (INSERT INTO idempotency (caller, key, hash) SELECT $1, $2, $3 FROM l WHERE ok
        ON CONFLICT DO NOTHING RETURNING 1)
SELECT (SELECT count(*) FROM ins) = 1, i.hash, i.status, i.body
FROM l LEFT JOIN idempotency i ON i.caller = $1 AND i.key = $2`

// Claim takes the command's key inside tx. It returns the recorded answer if there is one, a 422
// if the key was used for another request, a 409 while another request holds it, and nil if this
// transaction now owns the key.
func Claim(ctx context.Context, tx pgx.Tx, cmd *Command) (*Recorded, error) {
	rec, _, err := scanClaim(tx.QueryRow(ctx, claimSQL, cmd.Caller, cmd.Key, cmd.Hash), cmd)
	return rec, err
}

// scanClaim reads the row of claimSQL; sound tells a refusal of the key from a failed statement.
func scanClaim(row pgx.Row, cmd *Command) (rec *Recorded, sound bool, err error) {
	var mine bool
	var hash, body []byte
	var status *int
	if err := row.Scan(&mine, &hash, &status, &body); err != nil {
		return nil, false, err
	}
	if !mine {
		rec, err = recorded(cmd, hash, status, body)
	}
	return rec, true, err
}

const settleSQL = `UPDATE idempotency SET status = $3, body = $4, settled_at = now()
	WHERE caller = $1 AND key = $2 AND status IS NULL`

// Settle records the answer of a claimed key inside tx.
func Settle(ctx context.Context, tx pgx.Tx, caller, key string, status int, body []byte) error {
	tag, err := tx.Exec(ctx, settleSQL, caller, key, status, body)
	if err == nil && tag.RowsAffected() != 1 {
		err = fmt.Errorf("idempotency key %s/%s: not claimed or settled before", caller, key)
	}
	return err
}

// Post is a handler that runs one command in one transaction: claim, effect, outbox rows and
// recorded answer are committed together. A refusal (4xx) by fn rolls its effects back and is
// recorded too; a failure (5xx) is not, so that the same key may be tried again.
func Post[In any](c *Centre, fn func(ctx context.Context, tx pgx.Tx, r *http.Request, in In) (Reply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec, err := Do(c, r, fn)
		if err != nil {
			c.Fail(w, r, err)
			return
		}
		rec.WriteTo(w)
	}
}

// Do runs one command like Post and returns its recorded answer, for handlers that go on after the commit.
func Do[In any](c *Centre, r *http.Request, fn func(context.Context, pgx.Tx, *http.Request, In) (Reply, error)) (*Recorded, error) {
	cmd, err := ReadCommand(r)
	if err != nil {
		return nil, err
	}
	return Execute(c, r, cmd, fn)
}

// Execute runs a command that was read before.
func Execute[In any](c *Centre, r *http.Request, cmd *Command, fn func(context.Context, pgx.Tx, *http.Request, In) (Reply, error)) (*Recorded, error) {
	var in In
	if len(cmd.Body) > 0 {
		if err := Decode(cmd.Body, &in); err != nil {
			return nil, err
		}
	}
	ctx := r.Context()
	var claimed bool
	rec, err := c.Once(ctx, cmd, func(tx pgx.Tx) (Reply, error) {
		claimed = true
		return fn(ctx, tx, r, in)
	})
	var refusal *problem.Error
	if claimed && errors.As(err, &refusal) && refusal.Status < 500 {
		return c.Once(ctx, cmd, func(pgx.Tx) (Reply, error) { return Reply{Status: refusal.Status, Body: refusal}, nil })
	}
	return rec, err
}

// Once runs fn under the command's key and returns the recorded answer, its own or an earlier one.
func (c *Centre) Once(ctx context.Context, cmd *Command, fn func(tx pgx.Tx) (Reply, error)) (*Recorded, error) {
	var rec *Recorded
	err := c.InTx(ctx, func(tx pgx.Tx) error {
		var err error
		if rec, err = Claim(ctx, tx, cmd); rec != nil || err != nil {
			return err
		}
		reply, err := fn(tx)
		if err != nil {
			return err
		}
		body, err := json.Marshal(reply.Body)
		if err != nil {
			return err
		}
		rec = &Recorded{Status: reply.Status, Body: body}
		return Settle(ctx, tx, cmd.Caller, cmd.Key, rec.Status, rec.Body)
	})
	return rec, err
}

// ReadJSON reads the JSON body of an edit.
func ReadJSON(r *http.Request, v any) error {
	body, err := ReadBody(r)
	if err != nil {
		return err
	}
	return Decode(body, v)
}

// Find returns the recorded answer of the command, nil if it is unknown, and the refusals of Claim.
func (c *Centre) Find(ctx context.Context, cmd *Command) (*Recorded, error) {
	var hash, body []byte
	var status *int
	err := c.Pool.QueryRow(ctx, `SELECT hash, status, body FROM idempotency WHERE caller = $1 AND key = $2`, cmd.Caller, cmd.Key).
		Scan(&hash, &status, &body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return recorded(cmd, hash, status, body)
}

func recorded(cmd *Command, hash []byte, status *int, body []byte) (*Recorded, error) {
	switch {
	case hash != nil && !bytes.Equal(hash, cmd.Hash):
		return nil, problem.Invalid("idempotency_key_reused", "This Idempotency-Key was used for a different request.",
			"Use a fresh key for a new request.")
	case status != nil:
		return &Recorded{Status: *status, Body: body}, nil
	}
	e := problem.Conflict("idempotency_in_progress", "A request with this Idempotency-Key is still in progress.",
		"Retry with the same key in a moment.")
	e.RetryAfter = 1
	return nil, e
}
