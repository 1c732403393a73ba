// Package system tests Plaza as it is delivered: real plazad and plaza-agent processes, a real libvirtd, real guests.
package system
