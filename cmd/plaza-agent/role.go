package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// starters are the roles that this build of the agent knows.
var starters = map[string]starter{"kvm": startKVM}

func checkRoles(roles []string) error {
	known := strings.Join(slices.Sorted(maps.Keys(starters)), ", ")
	if len(roles) == 0 {
		return usageError{fmt.Errorf("no role is given; this agent knows: %s", known)}
	}
	for i, role := range roles {
		if starters[role] == nil {
			return usageError{fmt.Errorf("role %q is unknown; this agent knows: %s", role, known)}
		}
		if slices.Contains(roles[:i], role) {
			return usageError{fmt.Errorf("role %q is given twice", role)}
		}
	}
	return nil
}
