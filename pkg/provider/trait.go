package provider

import "strings"

// TraitName writes a label the way OpenStack's Placement writes traits, as CUSTOM_DPATH_CAMPAIGN.
func TraitName(key, value string) string {
	name := key
	if value != "" {
		name += "_" + value
	}
	return "CUSTOM_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}
