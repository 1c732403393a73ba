package cloudinit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

func extract(t *testing.T, iso, name string) string {
	t.Helper()
	out, err := exec.Command("isoinfo", "-R", "-i", iso, "-x", "/"+name).Output()
	require.NoError(t, err)
	return string(out)
}

func TestBuildISOIsANoCloudVolume(t *testing.T) {
	iso := filepath.Join(t.TempDir(), "seed.iso")
	seed := cloudinit.Seed{
		MetaData: cloudinit.MetaData{InstanceID: "i-1", LocalHostname: "app-1"},
		UserData: cloudinit.UserData{RunCmd: []cloudinit.Command{cloudinit.Shell("true")},
			WriteFiles: []cloudinit.File{{Path: "/big", Content: strings.Repeat("0123456789\n", 5000)}}},
		Network: &cloudinit.NetworkConfig{Version: 2, Ethernets: map[string]cloudinit.Ethernet{"eth0": {DHCP4: true}}},
	}
	require.NoError(t, cloudinit.BuildISO(iso, seed))

	volume, err := exec.Command("isoinfo", "-d", "-i", iso).Output()
	require.NoError(t, err)
	require.Contains(t, string(volume), "Volume id: cidata")
	listing, err := exec.Command("isoinfo", "-R", "-f", "-i", iso).Output()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"/user-data", "/meta-data", "/network-config"}, strings.Fields(string(listing)))

	user, warnings, err := cloudinit.ParseUserData([]byte(extract(t, iso, cloudinit.UserDataFile)))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, seed.UserData, *user)
	meta, err := cloudinit.ParseMetaData([]byte(extract(t, iso, cloudinit.MetaDataFile)))
	require.NoError(t, err)
	require.Equal(t, seed.MetaData, *meta)
	network, err := cloudinit.ParseNetworkConfig([]byte(extract(t, iso, cloudinit.NetworkFile)))
	require.NoError(t, err)
	require.Equal(t, seed.Network, network)
}

func TestBuildISOReplacesAndKeepsSecretsPrivate(t *testing.T) {
	dir := t.TempDir()
	iso := filepath.Join(dir, "seed.iso")
	for _, id := range []string{"i-1", "i-2"} {
		seed := cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: id}, Raw: []byte("#!/bin/sh\necho " + id + "\n")}
		require.NoError(t, cloudinit.BuildISO(iso, seed))
		require.Equal(t, string(seed.Raw), extract(t, iso, cloudinit.UserDataFile))
	}
	info, err := os.Stat(iso)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestBuildISORefusesAnUnusableSeed(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, cloudinit.BuildISO(filepath.Join(dir, "a.iso"), cloudinit.Seed{}), "instance-id")
	bad := cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: "i"}, Network: &cloudinit.NetworkConfig{Version: 1}}
	require.ErrorContains(t, cloudinit.BuildISO(filepath.Join(dir, "a.iso"), bad), "version 1")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}
