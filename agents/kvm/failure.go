package kvm

import (
	"errors"
	"strings"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

// mapped turns a libvirt error into the reason the control plane acts on.
func mapped(what string, err error) error {
	if err == nil {
		return nil
	}
	var lv libvirt.Error
	if !errors.As(err, &lv) {
		if e := (*provider.Error)(nil); errors.As(err, &e) {
			return err
		}
		return provider.Errorf(provider.ReasonInternal, "", "%s: %w", what, err)
	}
	reason, hint := reasonOf(lv)
	return provider.Errorf(reason, hint, "%s: %w", what, err)
}

func reasonOf(e libvirt.Error) (provider.Reason, string) {
	const start = "start libvirtd; the agent reconnects by itself"
	if strings.Contains(e.Message, "CPU tuning") || strings.Contains(strings.ToLower(e.Message), "cgroup cpu") {
		return provider.ReasonConflict, "let the host's libvirt use the cpu controller of cgroups, or take a flavor without cpuWeight and cpuPercent"
	}
	switch e.Code {
	case libvirt.ERR_NO_DOMAIN, libvirt.ERR_NO_DOMAIN_SNAPSHOT, libvirt.ERR_DEVICE_MISSING:
		return provider.ReasonNotFound, ""
	case libvirt.ERR_NO_CONNECT, libvirt.ERR_INVALID_CONN, libvirt.ERR_RPC:
		return provider.ReasonUnavailable, start
	case libvirt.ERR_OPERATION_TIMEOUT:
		return provider.ReasonTimeout, ""
	case libvirt.ERR_NO_SUPPORT, libvirt.ERR_OPERATION_UNSUPPORTED, libvirt.ERR_ARGUMENT_UNSUPPORTED:
		return provider.ReasonUnsupported, "this host's libvirt or QEMU does not do that with such a server"
	case libvirt.ERR_OPERATION_INVALID, libvirt.ERR_DOM_EXIST:
		return provider.ReasonConflict, "the server is in another power state, or another one has its name"
	case libvirt.ERR_XML_ERROR, libvirt.ERR_XML_DETAIL, libvirt.ERR_XML_INVALID_SCHEMA, libvirt.ERR_CONFIG_UNSUPPORTED:
		return provider.ReasonInvalid, "this host's libvirt does not accept such hardware"
	}
	switch {
	case e.Domain == libvirt.FROM_RPC, strings.Contains(e.Message, "client socket is closed"):
		return provider.ReasonUnavailable, start
	case strings.Contains(e.Message, "No space left"):
		return provider.ReasonNoSpace, "free space in the storage pool"
	case strings.Contains(e.Message, "Cannot allocate memory"):
		return provider.ReasonNoSpace, "the host has too little free memory"
	case e.Code == libvirt.ERR_SYSTEM_ERROR && strings.Contains(e.Message, "libvirt-sock"):
		return provider.ReasonUnavailable, start
	}
	return provider.ReasonInternal, ""
}
