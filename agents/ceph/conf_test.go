//go:build ceph

package ceph_test

import (
	"fmt"
	"os"
)

func writeConf(path, mon string) error {
	key := path + ".keyring"
	if err := os.WriteFile(key, []byte("[client.admin]\n\tkey = AQCKVwdrPvUFAxAAA0P89ilBbSDA9rlmiWDC3A==\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(path, fmt.Appendf(nil, "[global]\nmon_host = v2:%s\nkeyring = %s\n", mon, key), 0o600)
}
