"""Expectations that are all tried, and told one per line."""

import re
import sys
from contextlib import contextmanager

from instantdb import InstantAPIError

failed = 0
passed = 0


@contextmanager
def expect(what):
    """One expectation; a failed one is told, and the next is tried."""
    global failed, passed
    try:
        yield
        passed += 1
    except Exception as error:  # whatever goes wrong is a failed expectation
        failed += 1
        reason = error.body if isinstance(error, InstantAPIError) else repr(error)
        print(f"FAILED {what}: {reason}", file=sys.stderr)


def same(got, want):
    assert got == want, f"got {got!r}, wanted {want!r}"


@contextmanager
def refused(kind, message="", status=400):
    """What is inside is refused by the server with this type, and a message that has this part."""
    try:
        yield
    except InstantAPIError as error:
        same((error.status, error.body["type"]), (status, kind))
        assert message in error.body["message"], error.body["message"]
        assert re.fullmatch("[0-9a-f]{32}", error.trace_id), error.trace_id
    else:
        raise AssertionError(f"not refused with {kind}")


def end(name):
    """Says how it went, and ends the process."""
    print(f"{name}: {passed} as expected, {failed} not")
    sys.exit(1 if failed else 0)
