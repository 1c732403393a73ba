#!/bin/sh
# Tells as JSON what the machine's kernel can do, so that roles choose what works on it.
has() { if modprobe -nq "$1" 2>/dev/null || [ -d "/sys/module/$1" ]; then echo true; else echo false; fi; }
if systemd-detect-virt -cq; then container=true; else container=false; fi
cat <<JSON
{"container": $container, "openvswitch": $(has openvswitch), "vlan": $(has 8021q), "device_mapper": $(has dm_mod),
 "processors": $(nproc), "memory_mb": $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)}
JSON
