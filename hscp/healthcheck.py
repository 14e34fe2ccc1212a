"""What a container asks about itself: ``python -m hscp.healthcheck web`` (or ``beat``). Exit code 1 if it is not well.

Web is well if it answers and has its database: were it to fail with the worker, a load balancer would take the pages
away because of a PDF. A worker is asked by Celery's own ``inspect ping``, as there may be several.
"""

import json
import sys
import urllib.error
import urllib.request

from django.conf import settings

from hscp import health

WEB = "http://127.0.0.1:8000/health/"


def check_web() -> str:
    """The state of the database as the web process sees it, or how it fails to answer."""
    request = urllib.request.Request(WEB, headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".")})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - the address is ours
            return str(json.load(response)["database"])
    except urllib.error.HTTPError as error:
        return str(json.load(error)["database"]) if error.code == 503 else f"answers {error.code}"
    except OSError as error:
        return f"does not answer: {error}"


def main(part: str) -> int:
    """Print the state of ``web`` or ``beat``. Returns the exit code."""
    state = check_web() if part == "web" else health.check_redis()[part]
    print(f"{part}: {state}")
    return 0 if state == health.OK else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
