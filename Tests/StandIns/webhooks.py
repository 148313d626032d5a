"""What admission webhooks refuse: those of operators that are not up yet, and what they check."""

import controllers
import objects
from recording import Refused

_HOOKS = {"cert-manager.io": ("webhook.cert-manager.io", "cert-manager-webhook", "cert-manager-webhook"),
          "trust.cert-manager.io": ("trust.cert-manager.io", "trust-manager", "trust-manager")}


def check(cluster, kind, manifest):
    if kind.group in _HOOKS:
        hook, deployment, service = _HOOKS[kind.group]
        if not controllers.workload_ready(cluster, deployment):
            installed = any(name == deployment for _, _, name in cluster["workloads"])
            reason = ('dial tcp 10.43.12.7:443: connect: connection refused' if installed
                      else 'service "%s" not found' % service)
            # Without the operator its webhook is gone too, and nothing checks.
            if installed:
                raise objects.refusal("InternalError", 'error when creating "STDIN": Internal error occurred: failed '
                                      'calling webhook "%s": failed to call webhook: Post "https://%s.cert-manager.svc:443'
                                      '/validate?timeout=30s": %s' % (hook, service, reason))
    spec = manifest.get("spec") or {}
    if kind.id == controllers.CERTIFICATES:
        missing = [field for field in ("secretName", "issuerRef") if not spec.get(field)]
        if missing:
            _invalid(kind, manifest, "spec.%s: Required value" % missing[0])
        if not any(spec.get(f) for f in ("commonName", "dnsNames", "uris", "ipAddresses", "emailAddresses", "literalSubject",
                                         "otherNames")):
            _invalid(kind, manifest, "spec: Invalid value: at least one of commonName, dnsNames, uris must be set")
    if kind.id == controllers.BUNDLES:
        if not spec.get("sources"):
            _invalid(kind, manifest, "spec.sources: Forbidden: must define at least one source")
        for source in spec["sources"]:
            if len([k for k in source if k in ("secret", "configMap", "inLine", "useDefaultCAs")]) != 1:
                _invalid(kind, manifest, "spec.sources: Forbidden: must define exactly one source type for each item")
        if not (spec.get("target") or {}).get("configMap", {}).get("key"):
            _invalid(kind, manifest, "spec.target.configMap.key: Required value")


def _invalid(kind, manifest, text):
    raise Refused('The %s "%s" is invalid: %s' % (kind.kind, manifest["metadata"]["name"], text), keeps_changes=True)
