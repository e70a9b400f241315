#!/usr/bin/env python3
"""Converts recorded cases to the form that the tests read: compact.py DIR FILE.json..

The first line of an output file applies to all of its cases; each further line is one case. Omits
keys that only help human readers, and cases that sleep.
"""
import json, pathlib, sys

FOR_READERS = ("hint_in_full", "message_in_full", "why", "about", "unordered", "loose_errors")


def steps(listed, waits):
    return [{k: v for k, v in s.items() if k not in FOR_READERS} for s in listed if waits or "sleep_ms" not in s]


def line(x):
    return json.dumps(x, ensure_ascii=False, separators=(",", ":")) + "\n"


folder = pathlib.Path(sys.argv[1])
for name in sys.argv[2:]:
    doc = json.load(open(name))
    # The embedded backend does without delay what the cases about schemas and rooms wait for.
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
