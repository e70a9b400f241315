#!/usr/bin/env python3
"""Converts recordings to the form that instant-local/tests/conformance reads: compact.py FOLDER FILE.json...

The first line has the settings of the whole file, each further line one case. Members that only inform a reader are left out, and so
are cases that sleep, because tests do not.
"""
import json, pathlib, sys

ONLY_FOR_PEOPLE = ("hint_in_full", "message_in_full", "why", "about", "unordered", "loose_errors")


def steps(listed, waits):
    return [{k: v for k, v in s.items() if k not in ONLY_FOR_PEOPLE} for s in listed if waits or "sleep_ms" not in s]


def line(x):
    return json.dumps(x, ensure_ascii=False, separators=(",", ":")) + "\n"


folder = pathlib.Path(sys.argv[1])
for name in sys.argv[2:]:
    doc = json.load(open(name))
    # The embedded server does at once what the cases about schemas and rooms sleep for.
    waits = not pathlib.Path(name).stem.startswith(("schema-", "http-presence"))
    with open(folder / (pathlib.Path(name).stem + ".jsonl"), "w") as out:
        head = {k: doc[k] for k in ("app", "isolate") if k in doc}
        out.write(line({**head, "setup": steps(doc.get("setup", []), waits)}))
        for case in doc["cases"]:
            if waits and any("sleep_ms" in s for s in case["steps"]):
                continue
            head = {k: case[k] for k in ("name", "app", "isolate") if k in case}
            parts = {k: steps(case[k], waits) for k in ("setup", "steps") if k in case}
            out.write(line({**head, **parts}))
