package kvm_test

import (
	"testing"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

func TestConformance(t *testing.T) {
	b := newBench(t)
	providertest.Exercise(t, b.driver, providertest.Options{
		Host: host, Image: libvirttest.Guest(t), Ready: libvirttest.ReadyMark, Prompt: libvirttest.LoginMark, Probe: libvirttest.ProbeMark, Snapshots: true, Content: content{b}, Events: b.driver.Events(), Floating: "198.51.100.77",
	})
}
