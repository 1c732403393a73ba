package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// checkHealth asks the workload. The bundle is done when that says that it is well, and is asked again from time to time.
func (d *Deployer) checkHealth(ctx context.Context, o *Bundle) (resource.Result, error) {
	url, _ := o.Status.Outputs["health"].(string)
	if url == "" {
		return resource.Result{Done: true}, nil
	}
	report := d.ask(ctx, url)
	if was := o.Status.Health; was != nil && was.OK == report.OK {
		report.Since = was.Since
	}
	o.Status.Health = &report
	if !report.OK {
		return resource.Result{Again: time.Second, Progress: 95, Message: "the workload is not healthy yet: " + report.Message, Degraded: o.ObservedGeneration == o.Generation}, nil
	}
	return resource.Result{Done: true, Again: healthEvery}, nil
}

func (d *Deployer) ask(ctx context.Context, url string) HealthReport {
	r := HealthReport{URL: url, Since: time.Now().UTC().Truncate(time.Second)}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		r.Message = err.Error()
		return r
	}
	resp, err := d.HTTP.Do(req)
	if err != nil {
		r.Message = "it does not answer: " + err.Error()
		return r
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, healthLimit))
	if err != nil {
		r.Message = "its answer broke off: " + err.Error()
		return r
	}
	var answer struct {
		Status string `json:"status"`
		Apps   []struct {
			App, Node, Pool, Error string
			OK                     bool
		} `json:"apps"`
		Checks []struct {
			Name, Error string
			OK          bool
		} `json:"checks"`
	}
	if json.Unmarshal(body, &answer) != nil {
		r.Message = fmt.Sprintf("it answers %s, not JSON", resp.Status)
		return r
	}
	r.OK = resp.StatusCode == http.StatusOK && answer.Status == "ok"
	if r.OK {
		return r
	}
	r.Answer, r.Message = body, "it says that it is "+answer.Status
	for _, a := range answer.Apps {
		if !a.OK {
			r.Message += fmt.Sprintf("; %s on %s (%s): %s", a.App, a.Node, a.Pool, a.Error)
			return r
		}
	}
	for _, c := range answer.Checks {
		if !c.OK {
			r.Message += fmt.Sprintf("; %s: %s", c.Name, c.Error)
			return r
		}
	}
	return r
}
