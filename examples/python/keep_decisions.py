"""Keeps every decision in a file, each once, however often this is stopped or killed:

PLUMBLINE_TOKEN=… python3 examples/python/keep_decisions.py decisions.jsonl

The position is in the file itself, so that it can't differ from what was kept. A program that writes to a database puts
both into one transaction.
"""

import json
import os
import sys

from plumbline import Gateway, Refused

gateway = Gateway(os.environ.get("PLUMBLINE_URL", "http://127.0.0.1:8080"), os.environ.get("PLUMBLINE_TOKEN", ""))
path = sys.argv[1]

with open(path, "a+b") as file:
    file.seek(0)
    following = 1
    whole = 0
    for line in file:
        if line.endswith(b"\n"):
            whole += len(line)
            following = json.loads(line)["sequence"] + 1
    # A line that was being written when the last run was killed.
    file.truncate(whole)
    print(f"from {following} on", file=sys.stderr, flush=True)

    def on_gap(first):
        print(f"those before {first} are no longer kept: GET /v1/scores", file=sys.stderr)

    try:
        for sequence, score in gateway.decisions(start=following, on_gap=on_gap):
            file.write(json.dumps({"sequence": sequence, "score": score}).encode() + b"\n")
            file.flush()
    except KeyboardInterrupt:
        pass
    except Refused as refusal:
        sys.exit(f"refused ({refusal})")
