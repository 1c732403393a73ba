"""Brings a region to what the environment variable REGION (JSON) describes, and prints what it changed.

Arguments: identity (users, roles, catalogue), resources (networks, volume types, limits), ready (waits for services).
What is there already is left as it is; only passwords are compared by logging in.
"""
import json
import os
import sys
import time

import openstack

WANTED = json.loads(os.environ["REGION"])
cloud = openstack.connect()


def changed(what):
    print("CHANGED", what)


def identity():
    keystone = cloud.identity
    domain = keystone.find_domain("Default").id
    roles = {name: find_or(keystone.find_role, keystone.create_role, name) for name in ("admin", "service", "member", "reader")}
    project = keystone.find_project("service", domain_id=domain)
    if not project:
        project = keystone.create_project(name="service", domain_id=domain)
        changed("project service")
    for user in WANTED["services"]:
        person = find_or_make_user(domain, user["user"], user["password"])
        grant(project, person, [roles["admin"], roles["service"]])
    for admin in WANTED["administrators"]:
        person = find_or_make_user(domain, admin["name"], admin["password"])
        grant(keystone.find_project("admin", domain_id=domain), person, [roles["admin"]])
    catalogue()


def find_or(find, create, name):
    found = find(name)
    if not found:
        found = create(name=name)
        changed(name)
    return found


def find_or_make_user(domain, name, password):
    keystone = cloud.identity
    user = keystone.find_user(name, domain_id=domain)
    if not user:
        changed("user " + name)
        return keystone.create_user(name=name, domain_id=domain, password=password)
    if not logs_in(domain, name, password):
        keystone.update_user(user, password=password)
        changed("password of " + name)
    return user


def logs_in(domain, name, password):
    body = {"auth": {"identity": {"methods": ["password"], "password": {
        "user": {"name": name, "domain": {"id": domain}, "password": password}}}}}
    answer = cloud.session.post(os.environ["OS_AUTH_URL"] + "/auth/tokens", json=body, authenticated=False, raise_exc=False)
    return answer.status_code == 201


def grant(project, user, roles):
    keystone = cloud.identity
    have = {a.role["id"] for a in keystone.role_assignments(user_id=user.id, scope_project_id=project.id)}
    for role in roles:
        if role.id not in have:
            keystone.assign_project_role_to_user(project, user, role)
            changed("role %s of %s" % (role.name, user.name))


def catalogue():
    keystone = cloud.identity
    services = {service.name: service for service in keystone.services()}
    endpoints = {(e.service_id, e.interface): e for e in keystone.endpoints(region_id=WANTED["region"])}
    for want in WANTED["services"]:
        service = services.get(want["name"])
        if not service:
            service = keystone.create_service(name=want["name"], type=want["type"])
            changed("service " + want["name"])
        for interface in ("public", "internal", "admin"):
            endpoint = endpoints.get((service.id, interface))
            if not endpoint:
                keystone.create_endpoint(service_id=service.id, interface=interface, url=want["url"], region_id=WANTED["region"])
                changed("endpoint %s %s" % (interface, want["name"]))
            elif endpoint.url != want["url"]:
                keystone.update_endpoint(endpoint, url=want["url"])
                changed("endpoint %s %s" % (interface, want["name"]))


def resources():
    for want in WANTED["networks"]:
        external(want)
    if WANTED["volume_types"]:
        volume_types()
    limits()


def external(want):
    neutron = cloud.network
    network = neutron.find_network(want["name"])
    if not network:
        vlan = {"provider_segmentation_id": want["vlan"]} if want.get("vlan") else {}
        network = neutron.create_network(
            name=want["name"], is_router_external=True, is_shared=False, provider_network_type=want.get("type", "flat"),
            provider_physical_network=want["physical_network"], **vlan)
        changed("network " + want["name"])
    if not neutron.find_subnet(want["name"], network_id=network.id):
        neutron.create_subnet(
            name=want["name"], network_id=network.id, ip_version=4, cidr=want["cidr"], gateway_ip=want["gateway"],
            enable_dhcp=False, allocation_pools=[{"start": want["first"], "end": want["last"]}])
        changed("subnet " + want["name"])


def volume_types():
    cinder = cloud.block_storage
    have = {kind.name for kind in cinder.types()}
    for name in WANTED["volume_types"]:
        if name not in have:
            cinder.create_type(name=name, extra_specs={"volume_backend_name": name})
            changed("volume type " + name)


def limits():
    """The class default holds for every project without limits of its own."""
    for client, name, version in ((cloud.compute, "compute", "2.57"), (cloud.block_storage, "volume", None)):
        want = WANTED["quotas"].get(name)
        if not want:
            continue
        if name == "volume" and not WANTED["volume_types"]:
            continue
        have = client.get("/os-quota-class-sets/default", microversion=version).json()["quota_class_set"]
        if any(have.get(key) != value for key, value in want.items()):
            answer = client.put("/os-quota-class-sets/default", json={"quota_class_set": want}, microversion=version)
            answer.raise_for_status()
            changed("limits of " + name)


def ready():
    """Waits at most five minutes until every service of every node reports, and every compute node can be scheduled to."""
    end, told = time.time() + 300, None
    while True:
        missing = lacking()
        if not missing:
            return
        if time.time() > end:
            sys.exit("not ready after five minutes: " + ", ".join(sorted(missing)))
        if missing != told:
            print("waiting for", ", ".join(sorted(missing)), flush=True)
            told = missing
        time.sleep(1)


def lacking():
    up = {s.host for s in cloud.compute.services(binary="nova-compute") if s.state == "up"}
    missing = {"nova-compute on " + host for host in WANTED["computes"] if host not in up}
    providers = {p.name for p in cloud.placement.resource_providers()}
    missing |= {"resources of " + host for host in WANTED["computes"] if host not in providers}
    alive = {(a.agent_type, a.host) for a in cloud.network.agents() if a.is_alive}
    layer2 = {host for kind, host in alive if kind in ("Linux bridge agent", "Open vSwitch agent")}
    missing |= {"layer 2 of " + host for host in WANTED["agents"] if host not in layer2}
    routing = {(kind, host) for kind in ("DHCP agent", "L3 agent", "Metadata agent") for host in WANTED["routers"]}
    missing |= {kind + " on " + host for kind, host in routing - alive}
    if WANTED["volume_types"]:
        states = {s["binary"] for s in cloud.block_storage.get("/os-services").json()["services"] if s["state"] == "up"}
        missing |= {"cinder-volume", "cinder-scheduler"} - states
    return missing


{"identity": identity, "resources": resources, "ready": ready}[sys.argv[1]]()
