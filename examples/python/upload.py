"""Uploads a file of applications and says what became of them:

PLUMBLINE_TOKEN=… python3 examples/python/upload.py examples/data/applications.jsonl [channel]
"""

import os
import sys

from plumbline import Gateway

gateway = Gateway(os.environ.get("PLUMBLINE_URL", "http://127.0.0.1:8080"), os.environ.get("PLUMBLINE_TOKEN", ""))
path, channel = [*sys.argv[1:], "web"][:2]

answer = gateway.upload(path, channel)
for item in answer["items"]:
    for error in item.get("errors", []):
        print(f"{path}:{item['line']}: {error['field']} {error['detail']}", file=sys.stderr)
print("{accepted} accepted, {duplicate} known already, {invalid} invalid, {conflict} in conflict".format(**answer))
sys.exit(answer["invalid"] + answer["conflict"] > 0)
