package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

func init() {
	benches["tree"] = bench{"a group's tree of 544 cities and 5,000 stores, made over the REST API, and decisions of policy in it (targets: ≤ 30 s, ≤ 30 µs)", benchTree}
}

const treeCallers = 8

func benchTree(ctx context.Context) error {
	cities, stores, samples := 544, 5_000, 20_000
	if *quick {
		cities, stores, samples = 54, 500, 2_000
	}
	fmt.Println("Eight callers make the nodes. Decisions are asked of the authority in its process, as each request does: may a member of a city")
	fmt.Println("make a server in a project below a store of it, and may the administrator of the root.")
	fmt.Println()
	fmt.Println("| database | nodes | made in | who | p50 | p99 |")
	fmt.Println("|---|---:|---:|---|---:|---:|")
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		if err := treeOf(ctx, d, cities, stores, samples); err != nil {
			return err
		}
	}
	return nil
}

func treeOf(ctx context.Context, d store.Dialect, cities, stores, samples int) error {
	o, err := newOffice(ctx, d, 100)
	if err != nil {
		return err
	}
	defer o.close()
	began := time.Now()
	root, err := o.node(ctx, "group", "chain", "")
	if err != nil {
		return err
	}
	places, err := o.nodes(ctx, "region", "city", cities, func(int) string { return root })
	if err != nil {
		return err
	}
	shops, err := o.nodes(ctx, "store", "store", stores, func(i int) string { return places[i%cities] })
	if err != nil {
		return err
	}
	took := time.Since(began)
	project, err := o.node(ctx, "project", "till", shops[stores-1])
	if err != nil {
		return err
	}
	member, err := o.member(ctx, places[(stores-1)%cities])
	if err != nil {
		return err
	}
	admin, err := o.me(ctx, o.tokens["admin"])
	if err != nil {
		return err
	}
	for _, who := range []resource.Actor{{ID: member, Name: "a member of the city"}, {ID: admin, Name: "the administrator of the root"}} {
		times := make([]time.Duration, samples)
		for i := range times {
			began := time.Now()
			if err := o.objects.Authorize(ctx, who, "create", "server", project); err != nil {
				return err
			}
			times[i] = time.Since(began)
		}
		fmt.Printf("| %s | %d | %.1f s | %s | %.1f µs | %.1f µs |\n", d, cities+stores, took.Seconds(), who.Name,
			float64(quantile(times, 0.5).Nanoseconds())/1000, float64(quantile(times, 0.99).Nanoseconds())/1000)
	}
	return nil
}

// nodes makes n of a type, by several callers.
func (o *office) nodes(ctx context.Context, kind, name string, n int, parent func(int) string) ([]string, error) {
	ids := make([]string, n)
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(treeCallers)
	for i := range n {
		all.Go(func() (err error) {
			ids[i], err = o.node(ctx, kind, fmt.Sprint(name, i), parent(i))
			return err
		})
	}
	return ids, all.Wait()
}

func (o *office) node(ctx context.Context, kind, name, parent string) (string, error) {
	return o.post(ctx, "/v1/nodes", map[string]string{"type": kind, "name": name, "parent": parent})
}

// member makes a user with the role member on a node, and returns its id.
func (o *office) member(ctx context.Context, node string) (string, error) {
	id, err := o.post(ctx, "/v1/users", map[string]string{"name": "city-member", "password": "a password for measuring"})
	if err != nil {
		return "", err
	}
	_, err = o.post(ctx, "/v1/bindings", map[string]string{"user": id, "role": "member", "node": node})
	return id, err
}

func (o *office) me(ctx context.Context, token string) (string, error) {
	var me struct{ User struct{ ID string } }
	err := o.call(ctx, http.MethodGet, "/v1/me", token, nil, &me)
	return me.User.ID, err
}

// post makes something as the administrator, and returns its id.
func (o *office) post(ctx context.Context, path string, body map[string]string) (string, error) {
	var made struct{ ID string }
	err := o.call(ctx, http.MethodPost, path, o.tokens["admin"], body, &made)
	return made.ID, err
}

var treeClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: treeCallers}}

func (o *office) call(ctx context.Context, method, path, token string, body map[string]string, out any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, o.base+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := treeClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %s %.300s", method, path, resp.Status, text)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}
