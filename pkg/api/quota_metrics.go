package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/plazacloud/plaza/pkg/resource"
)

// quotaMetrics tells scrapers what the database knows of quotas, whichever plazad counted last.
type quotaMetrics struct{ objects *resource.Store }

var (
	quotaDifferences = prometheus.NewDesc("plaza_quota_differences", "Totals of quotas that the last nightly count found to be wrong; -1 before the first.", nil, nil)
	quotaExceeded    = prometheus.NewDesc("plaza_quota_exceeded", "Limits, soft or hard, that more is used than they say.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q quotaMetrics) Describe(c chan<- *prometheus.Desc) { c <- quotaDifferences; c <- quotaExceeded }

// Collect implements prometheus.Collector. What the database does not answer is left out: the other metrics are told.
func (q quotaMetrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	differences := -1.0
	last, err := q.objects.LastRecount(ctx)
	if last != nil {
		differences = float64(last.Differences)
	}
	gauge(c, quotaDifferences, differences, err)
	n, err := q.objects.CountExceeded(ctx)
	gauge(c, quotaExceeded, float64(n), err)
}

func gauge(c chan<- prometheus.Metric, d *prometheus.Desc, value float64, err error) {
	if err == nil {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
}
