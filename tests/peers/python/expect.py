"""Runs all checks and reports one per line."""

import re
import sys
from contextlib import contextmanager

from instantdb import InstantAPIError

failed = 0
passed = 0


@contextmanager
def expect(what):
    """Runs one check; reports a failure and continues."""
    global failed, passed
    try:
        yield
        passed += 1
    except Exception as error:  # every error is a failed check
        failed += 1
        reason = error.body if isinstance(error, InstantAPIError) else repr(error)
        print(f"FAILED {what}: {reason}", file=sys.stderr)


def same(got, want):
    assert got == want, f"got {got!r}, wanted {want!r}"


@contextmanager
def rejected(kind, message="", status=400):
    """Expects the server to reject a call with this error type and a message that contains `message`."""
    try:
        yield
    except InstantAPIError as error:
        same((error.status, error.body["type"]), (status, kind))
        assert message in error.body["message"], error.body["message"]
        assert re.fullmatch("[0-9a-f]{32}", error.trace_id), error.trace_id
    else:
        raise AssertionError(f"not rejected with {kind}")


def end(name):
    """Prints the summary and exits."""
    print(f"{name}: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
