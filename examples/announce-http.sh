#!/bin/sh
# Says a text in a room over HTTP and waits until it is heard: announce-http.sh ROOM TEXT
# Ends with 0 when it is heard. BRIDGE is the bridge's address, TOKEN one of its API tokens.
set -eu
room=${1:?which room?}
text=${2:?what is to be said?}
bridge=${BRIDGE:-http://localhost:8788}
# Not among the arguments, where other users of the machine could read it.
answer=$(printf 'Authorization: Bearer %s\n' "${TOKEN:-}" |
  curl --silent --show-error --max-time "${WAIT:-60}" --header @- --request POST \
    --data-raw "$text" --write-out ' %{http_code}' "$bridge/api/rooms/$room/announce")
echo "${answer% *}"
[ "${answer##* }" = 200 ]
