package provider

// Limits are what a project may have in a region at most, by metric; what is absent has no limit.
type Limits map[string]int64

// LimitedMetrics are the metrics that a region is told limits of, as quotas of Plaza name them.
func LimitedMetrics() []string {
	return []string{"servers", "vcpus", "memory_mib", "volumes", "volume_gib", "snapshots", "snapshot_gib", "backups", "backup_gib"}
}

// Sum is the limit of what a backend counts as one and Plaza as several: none when one of them has none.
func (l Limits) Sum(metrics ...string) int64 {
	var sum int64
	for _, m := range metrics {
		n, limited := l[m]
		if !limited {
			return -1
		}
		sum += n
	}
	return sum
}

// Raise adds to a limit, where there is one.
func (l Limits) Raise(metric string, n int64) {
	if _, limited := l[metric]; limited {
		l[metric] += n
	}
}
