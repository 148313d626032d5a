"""Plays the stand-ins of Tests/StandIns in processes forked from one that has read all their code already.

Started anew, Python alone would take longer than most commands do in scaled time, and two cores could not start as many
as twelve clusters need. `warm_stand_ins.py FOLDER SOCKET` ends, with all that it still plays, when its standard input
ends.
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys


def main():
    folder, path = sys.argv[1:]
    sys.path.insert(0, folder)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py") and name != "new_world.py":
            importlib.import_module(name[:-3])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1024)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    # What forked processes share stays shared only as long as nobody writes to it.
    gc.disable()
    gc.freeze()
    while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            play(connection)
        connection.close()
    os.killpg(0, signal.SIGKILL)


def play(connection):
    text, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    while more := connection.recv(65536):
        text += more
    began, folder, *words = text.decode("utf-8", "surrogateescape").split("\0")[:-1]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    leave = os._exit

    def tell_and_leave(status):
        connection.send(bytes([status]))
        leave(status)

    import main
    import recording
    os._exit = tell_and_leave
    recording._process_start = lambda: int(began) / 1e9
    sys.argv = words
    main.main()


main()
