"""Plays `docker`, `k3d`, `kubectl`, `helm` or `linkerd`, whichever name it is called by."""

import os
import sys
import traceback

from flags import Unknown
from recording import Call, Refused, Told
from world import World, let_go

# What a broken connection says, in each program's own way.
FAILURES = {
    "docker": "error during connect: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.47/info\": EOF",
    "k3d": "\x1b[31mFATA\x1b[0m[0000] failed to get cluster: docker failed to get containers: unexpected EOF",
    "kubectl": "Unable to connect to the server: net/http: TLS handshake timeout",
    "helm": "Error: Kubernetes cluster unreachable: Get \"https://0.0.0.0:6550/version\": net/http: TLS handshake timeout",
    "linkerd": "Unable to connect to the server: net/http: TLS handshake timeout",
}


def main(program, words, pid, began):
    """Plays a call that a process with this number made, and gives its exit status."""
    folder = os.environ.get("NBX_STANDIN_FOLDER")
    if not folder or program not in FAILURES:
        sys.stderr.write("the stand-in plays %s, and needs NBX_STANDIN_FOLDER\n" % ", ".join(FAILURES))
        return 70
    os.makedirs(folder + "/running", exist_ok=True)
    call = Call(program, words, folder, pid, began)
    code = 1
    try:
        call.heed_signals()
        code = play(call, World(folder))
    except Refused as refusal:
        code = refusal.code
        complain(call, refusal.message)
    except Told as told:
        code = 128 + told.number
    except Exception:
        complain(call, "the stand-in itself broke: " + traceback.format_exc())
        code = 70
    let_go()
    call.end(code)
    return code


def play(call, world):
    if call.fails:
        call.injected = "failure before its effect"
        raise Refused(FAILURES[call.program])
    actor = __import__(call.program)
    if call.hangs and not actor.hangs_midway(call.words):
        call.hang()
    try:
        code = actor.play(call, world)
    except Unknown as unknown:
        raise Refused(*actor.unknown(str(unknown), call.words)) from None
    if code == 0 and call.fails_after:
        call.injected = "failure after its effect"
        raise Refused(FAILURES[call.program])
    return code


def complain(call, message):
    call.said = message
    sys.stderr.write(message + "\n")
