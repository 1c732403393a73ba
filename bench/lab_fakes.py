"""Reports a Linux bridge agent as alive on each host that is named, so that Neutron binds ports there.

Arguments: the hosts, then --config-file and so on for Neutron. It runs until it is ended.
"""
import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
import time  # noqa: E402

from neutron.agent import rpc as agent_rpc  # noqa: E402
from neutron.common import config  # noqa: E402
from neutron.conf.agent import common as agent_conf  # noqa: E402
from neutron_lib import context  # noqa: E402
from neutron_lib.agent import topics  # noqa: E402
from oslo_config import cfg  # noqa: E402

first = next(i for i, a in enumerate(sys.argv) if a.startswith("--"))
hosts, args = sys.argv[1:first], sys.argv[first:]
agent_conf.register_agent_state_opts_helper(cfg.CONF)
config.register_common_config_options()
config.init(args)
reports = agent_rpc.PluginReportStateAPI(topics.REPORTS)
states = [{
    "binary": "neutron-linuxbridge-agent", "host": host, "topic": "N/A", "agent_type": "Linux bridge agent", "start_flag": True,
    "configurations": {"bridge_mappings": {}, "interface_mappings": {}, "devices": 0, "extensions": [], "l2_population": False,
                       "tunnel_types": ["vxlan"], "tunneling_ip": "192.0.2.%d" % (n + 1)},
} for n, host in enumerate(hosts)]
while True:
    for state in states:
        reports.report_state(context.get_admin_context_without_session(), state, True)
        state.pop("start_flag", None)
    time.sleep(20)
