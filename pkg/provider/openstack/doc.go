// Package openstack is the provider.Region of one region of OpenStack, by its public APIs through gophercloud. The cloud
// stays as it is: nothing is installed in it, and what Plaza does not own is left alone.
//
// What becomes what, and where its Plaza id is kept:
//
//	project     Keystone project plaza-<id>, tag plaza-id=<id>; made by its first use, in Settings.TenantDomain.
//	            The driver's user becomes a member, and objects are made as the project's own. It stays when it is empty.
//	server      Nova server; tag plaza-id=<id>, and metadata plaza-id, plaza-image, plaza-digest (its hardware).
//	            A config drive brings user data, host name, key and metadata; user data over 45 KiB are gzipped.
//	hardware    public flavor plaza.<vcpus>c.<MiB>m.<GiB>g. Labels that Placement knows as traits CUSTOM_KEY_VALUE are
//	            required of the hypervisor. A change is stop, resize, confirm; root disks only grow.
//	group       Nova server group plaza-<group>-<soft|hard>; removed with its last server.
//	card        Neutron port with MAC and fixed address; description and tag plaza-id=<server>.
//	rules       one security group for each card, plaza-<server>-<mac>, kept equal; Open is a port without security.
//	volume      Cinder volume; metadata plaza-id. It grows while it is attached.
//	backup      Cinder backup of the volume's project; metadata plaza-id, plaza-volume. Restoring writes it to a volume
//	            named plaza-restore:<id>, as Cinder gives that the labels of the backup's volume; it is renamed at the end.
//	image       public Glance images for disk, kernel and initrd; tag plaza-id=<id>, properties plaza_id,
//	            plaza_part, and plaza_sha256 once all of it is there with that sum.
//	snapshot    Glance image of the server's project; plaza_part=snapshot, plaza_snapshot=<name>, plaza_power.
//	            It has the root disk, without memory and volumes. Reverting is a rebuild from it.
//	network     Neutron network and subnet; description plaza-id=<id>, set in the step that makes them, and a tag.
//	            Neutron takes addresses for itself only at the network's end (provider.OwnAddresses).
//	egress nat  router with an external gateway; none: no router, or one without SNAT when something is published.
//	publish     one floating IP for each published address, whatever the number of ports; description
//	            "plaza-id=<network> for <address> ports <list>". The wanted Listen is not heeded. The guest's rules decide
//	            who may come in, and see the caller's own address.
//	place       the region as a whole: Nova chooses the hypervisor, ServerState.Node tells which.
//
// Calls wait until the cloud has done what was asked, for at most ten minutes; one that is cut off is gone on with by the
// next. Power: Nova has no hard power-off, so kill is its stop, which pulls the plug after the image's os_shutdown_timeout.
//
// Each service has a circuit: after five failures in a row it is not asked for ten seconds. Reads are repeated, writes only
// when they were never sent or are asked to be repeated.
package openstack
