#!/bin/sh
# Submits one application from standard input and prints its decision:
# PLUMBLINE_TOKEN=… examples/curl/submit.sh [channel] < application.json
# curl itself waits and sends again on 429 and 503, and when nobody answers: nothing is taken twice.
url=${PLUMBLINE_URL:-http://127.0.0.1:8080}
exec curl --silent --show-error --fail-with-body --retry 10 --retry-connrefused \
  "$url/v1/applications?channel=${1:-web}&wait=2s" \
  --header "Authorization: Bearer $PLUMBLINE_TOKEN" --header "Content-Type: application/json" --data-binary @-
