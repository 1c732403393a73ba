// Package openstack is the provider.Region of one region of OpenStack, by its public APIs through gophercloud.
package openstack
