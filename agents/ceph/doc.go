// Package ceph drives one Ceph cluster from a node of it: RBD images, CephFS subvolumes, pools and the cluster's state,
// with librados, librbd and the cluster's own commands. Driver implements provider.Block, provider.Files and
// provider.Cluster. An image is plaza-<id> in a pool of application rbd, a share is subvolume plaza-<id> in its project's
// group, and whoever may enter it is client.plaza-<id>-<name>; so all of it is found again by id.
//
// The package is built with the tags "ceph pacific": what runs on a KVM host must not need librados.
package ceph
