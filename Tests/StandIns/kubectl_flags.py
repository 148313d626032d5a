"""Which flags kubectl knows; checked against `kubectl 1.37 COMMAND --help` and `kubectl options`."""

from flags import table

EVERYWHERE = """as= as-group= as-uid= as-user-extra= cache-dir= certificate-authority= client-certificate= client-key=
cluster= context= disable-compression insecure-skip-tls-verify kubeconfig= kuberc= log-flush-frequency=
match-server-version n|namespace= password= profile= profile-output= request-timeout= s|server= tls-server-name= token=
user= username= v|v= vmodule= warnings-as-errors h|help """

_PRINT = " allow-missing-template-keys o|output= show-managed-fields template= "
_FILES = " f|filename= k|kustomize= R|recursive "
_CHANGE = _PRINT + " dry-run? field-manager= "
_MAKE = _CHANGE + " save-config validate? "
_MANY = " all A|all-namespaces field-selector= l|selector= "

_COMMANDS = {
    "apply": _CHANGE + _FILES + """all cascade? force force-conflicts grace-period= openapi-patch overwrite prune
        prune-allowlist= l|selector= server-side subresource= timeout= validate? wait""",
    "create": _MAKE + _FILES + "edit raw= l|selector= windows-line-endings",
    "create namespace": _MAKE,
    "create secret generic": _MAKE + "append-hash from-env-file= from-file= from-literal= type=",
    "create configmap": _MAKE + "append-hash from-env-file= from-file= from-literal=",
    "create serviceaccount": _MAKE,
    "get": _PRINT + _FILES + """A|all-namespaces chunk-size= field-selector= ignore-not-found L|label-columns=
        no-headers output-watch-events raw= l|selector= server-print show-kind show-labels sort-by= subresource=
        w|watch watch-only""",
    "delete": _FILES + _MANY + """cascade? dry-run? force grace-period= ignore-not-found i|interactive now o|output= raw=
        timeout= wait""",
    "label": _CHANGE + _FILES + _MANY + "list local overwrite resource-version=",
    "annotate": _CHANGE + _FILES + _MANY + "list local overwrite resource-version=",
    "wait": _PRINT + _MANY + "f|filename= R|recursive for= local timeout=",
    "rollout status": _FILES + "revision= l|selector= timeout= w|watch",
    "rollout restart": _PRINT + _FILES + "field-manager= l|selector=",
    "scale": _PRINT + _FILES + "all current-replicas= dry-run? replicas= resource-version= l|selector= timeout=",
    "patch": _CHANGE + _FILES + "local p|patch= patch-file= subresource= type=",
    "version": "client o|output=",
    "config get-contexts": "no-headers o|output=",
    "config current-context": "",
    "config use-context": "",
    "logs": """all-containers all-pods c|container= f|follow ignore-errors insecure-skip-tls-verify-backend limit-bytes=
        max-log-requests= pod-running-timeout= prefix p|previous l|selector= since= since-time= tail= timestamps""",
    "exec": "c|container= f|filename= pod-running-timeout= q|quiet i|stdin t|tty",
}


SAME = {"ns": "namespace", "cm": "configmap", "sa": "serviceaccount"}


def known(command):
    return table(EVERYWHERE + _COMMANDS[command])


def commands():
    return _COMMANDS
