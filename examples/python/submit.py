"""Submits applications, a JSON object per line, and waits for the decision of each:

PLUMBLINE_TOKEN=… python3 examples/python/submit.py examples/data/applications.jsonl [channel]
"""

import os
import sys

from plumbline import Gateway

gateway = Gateway(os.environ.get("PLUMBLINE_URL", "http://127.0.0.1:8080"), os.environ.get("PLUMBLINE_TOKEN", ""))
path, channel = [*sys.argv[1:], "web"][:2]

failed = False
with open(path, "rb") as file:
    for line in filter(None, map(bytes.strip, file)):
        status, answer = gateway.submit(line, channel, wait="2s")
        if status == 200:
            reason = answer["reasons"][0]["text"] if answer["reasons"] else ""
            print(f"{answer['application_id']}  {answer['decision']}  {answer['score']:.4f}  {reason}".rstrip())
        elif status == 202:
            print(f"{answer['application_id']}  will be decided, sequence {answer['sequence']}")
        else:
            failed = True
            print(f"{status}: {answer['detail']}", file=sys.stderr)
sys.exit(failed)
