//go:build ceph

package ceph

import (
	"errors"
	"syscall"

	"github.com/plazacloud/plaza/pkg/provider"
)

// errnoOf is the error number that librados, librbd or a command gave, 0 when it gave none.
func errnoOf(err error) syscall.Errno {
	var e interface{ ErrorCode() int }
	if !errors.As(err, &e) {
		return 0
	}
	n := e.ErrorCode()
	return syscall.Errno(max(n, -n)) //nolint:gosec // small and positive
}

// mapped turns an error of the cluster into the reason the control plane acts on.
func mapped(what string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return err
	}
	reason, hint := reasonOf(errnoOf(err))
	return provider.Errorf(reason, hint, "%s: %w", what, err)
}

func reasonOf(n syscall.Errno) (provider.Reason, string) {
	switch n {
	case syscall.ENOENT:
		return provider.ReasonNotFound, ""
	case syscall.EEXIST, syscall.EBUSY, syscall.ENOTEMPTY:
		return provider.ReasonConflict, ""
	case syscall.ENOSPC, syscall.EDQUOT:
		return provider.ReasonNoSpace, "the cluster or the pool is full: add disks, or raise the pool's quota"
	case syscall.EINVAL, syscall.ERANGE, syscall.EOPNOTSUPP, syscall.E2BIG:
		return provider.ReasonInvalid, ""
	case syscall.EPERM, syscall.EACCES:
		return provider.ReasonUnavailable, "the key of the agent's client lacks a capability: ceph auth get"
	case syscall.ETIMEDOUT:
		return provider.ReasonTimeout, "look at the cluster's health; the call is safe to repeat"
	case syscall.ENOTCONN, syscall.ESHUTDOWN, syscall.EAGAIN, syscall.ECONNREFUSED:
		return provider.ReasonUnavailable, "look at the cluster's health"
	}
	return provider.ReasonInternal, ""
}
