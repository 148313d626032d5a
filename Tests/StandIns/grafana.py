"""The little of Grafana that recipes ask for, from within its pod: `sh -c 'curl …' sh PATH`.

Figures come from real servers: NBX_STANDIN_SERVERS is JSON, cluster to the monitoring addresses of the servers that the
cluster's Prometheus knows.
"""

import os
from urllib.parse import parse_qs, urlsplit

import json_text
import objects
from recording import Refused

_SOURCE = "/api/datasources/proxy/uid/prometheus/api/v1/query"


def answer(cluster, name, address):
    """What curl prints; refuses as curl does what Grafana does not know."""
    url = urlsplit(address)
    if url.path == "/api/health":
        return json_text.write({"database": "ok", "version": "12.0.0"})
    if url.path.startswith("/api/dashboards/uid/"):
        for dashboard in _dashboards(cluster):
            if dashboard.get("uid") == url.path.rpartition("/")[2]:
                return json_text.write({"dashboard": dashboard})
    if url.path == _SOURCE:
        return json_text.write({"status": "success", "data": {
            "resultType": "vector", "result": _figures(name, parse_qs(url.query)["query"][0])}})
    raise Refused("curl: (22) The requested URL returned error: 404\ncommand terminated with exit code 22", 22)


def _dashboards(cluster):
    """Those that the sidecar finds: in every ConfigMap with its label."""
    for thing in objects.every(cluster, "configmaps"):
        if "grafana_dashboard" in thing["metadata"].get("labels", {}):
            for text in thing.get("data", {}).values():
                yield json_text.read(text)


def _figures(name, metric):
    from urllib.request import urlopen
    found = []
    for server in json_text.read(os.environ.get("NBX_STANDIN_SERVERS") or "{}").get(name, []):
        with urlopen(server + "/varz", timeout=20) as page:
            variables = json_text.read(page.read().decode())
        found.append({"metric": {"__name__": metric, "server_id": variables["server_id"]},
                      "value": [0, "1" if metric == "up" else str(variables[metric.removeprefix("nats_varz_")])]})
    return found
