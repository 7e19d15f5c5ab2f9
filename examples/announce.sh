#!/bin/sh
# Says a text in a room and waits until it is heard: announce.sh ROOM TEXT
# Ends with 0 when it is heard. Flags for mosquitto_pub and mosquitto_sub, such as -h and -u, go into MQTT.
set -eu
room=${1:?which room?}
text=${2:?what is to be said?}
base=${BASE:-sonos/home}
id="sh-$(date +%s)-$$"
# The text as a JSON string.
json=$(printf '%s' "$text" | sed -e 's/[\\"]/\\&/g' | tr '\n\t\r' '   ')
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
# Two answers: accepted, then how it went.
# shellcheck disable=SC2086
mosquitto_sub ${MQTT:-} -t "$base/$room/reply" -W "${WAIT:-60}" >"$answers" &
listener=$!
sleep 0.3
# shellcheck disable=SC2086
mosquitto_pub ${MQTT:-} -q 1 -t "$base/$room/set/announce" -m "{\"text\":\"$json\",\"id\":\"$id\"}"
while kill -0 "$listener" 2>/dev/null; do
  if grep "\"$id\"" "$answers" | grep -q '"status":"\(confirmed\|failed\|unconfirmed\)"'; then
    kill "$listener"
    break
  fi
  sleep 0.1
done
last=$(grep "\"$id\"" "$answers" | tail -n 1 || true)
echo "${last:-no answer came}"
case $last in
  *'"status":"confirmed"'*) exit 0 ;;
  *) exit 1 ;;
esac
