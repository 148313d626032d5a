"""cert-manager: issuers, certificates and the secrets that hold them."""

import kinds
import objects
from world import new_uid

ISSUERS = ("issuers.cert-manager.io", "clusterissuers.cert-manager.io")
CERTIFICATES = "certificates.cert-manager.io"


def issuer_works(cluster, kind, issuer):
    authority = issuer.get("spec", {}).get("ca")
    home = issuer["metadata"].get("namespace") or "cert-manager"
    return "True" if authority is None or objects.get(cluster, "secrets", home, authority["secretName"]) else "False"


def issuer_answers(cluster, kind, namespace, name):
    issuer = objects.get(cluster, kind, namespace, name)
    if issuer_works(cluster, kind, issuer) == "True":
        objects.set_condition(cluster, issuer, "Ready", "True", "KeyPairVerified", "Signing CA verified")
    else:
        objects.set_condition(cluster, issuer, "Ready", "False", "ErrGetKeyPair",
                      'Error getting keypair for CA issuer: secrets "%s" not found' % issuer["spec"]["ca"]["secretName"])


def issuer_of(cluster, wanted):
    reference = wanted["spec"].get("issuerRef", {})
    if reference.get("kind", "Issuer") == "ClusterIssuer":
        return objects.get(cluster, ISSUERS[1], "", reference.get("name"))
    return objects.get(cluster, ISSUERS[0], wanted["metadata"]["namespace"], reference.get("name"))


def issue_of(wanted):
    """What a certificate is issued for: another one is needed when this changes."""
    spec = wanted["spec"]
    return "%s %s %s" % (spec.get("commonName"), spec["secretName"], spec.get("issuerRef", {}).get("name"))


def issue(cluster, namespace, name):
    import binascii
    wanted = objects.get(cluster, CERTIFICATES, namespace, name)
    issuer = issuer_of(cluster, wanted)

    def block(title, text):
        body = binascii.b2a_base64(text.encode(), newline=False).decode()
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (title, body, title)

    def encoded(text):
        return binascii.b2a_base64(text.encode(), newline=False).decode()

    own = encoded(block("CERTIFICATE", "%s %s" % (wanted["spec"].get("commonName", name), new_uid())))
    authority = issuer["spec"].get("ca")
    if authority:
        home = issuer["metadata"].get("namespace") or "cert-manager"
        above = objects.get(cluster, "secrets", home, authority["secretName"])["data"]["tls.crt"]
    else:
        above = own
    secret = wanted["spec"]["secretName"]
    made = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": secret, "annotations": {"cert-manager.io/certificate-name": name}},
            "data": {"tls.crt": own, "tls.key": encoded(block("EC PRIVATE KEY", new_uid())), "ca.crt": above}}
    kind = kinds.called(cluster, "secrets")
    former = objects.get(cluster, "secrets", namespace, secret)
    if former:
        objects.replace(cluster, kind, namespace, secret, dict(former, data=made["data"]))
    else:
        objects.put(cluster, kind, namespace, made)
    objects.set_condition(cluster, wanted, "Ready", "True", "Ready", "Certificate is up to date and has not expired")
    wanted["status"]["issued"] = issue_of(wanted)
