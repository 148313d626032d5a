"""What comes of the tests of a script: all run in one Python, since it takes longer to load pygls than most tests take."""

import json
import sys
import traceback


def run_all(tests, run):
    """Does each test, and says of each on a line of its own how it went. Behind the server, some may be named."""
    named = sys.argv[2:] or [test.__name__ for test in tests]
    for test in tests:
        if test.__name__ in named:
            try:
                run(test)
                said = "ok"
            except Exception:
                said = traceback.format_exc()
            print(json.dumps({"test": test.__name__, "said": said}), flush=True)
