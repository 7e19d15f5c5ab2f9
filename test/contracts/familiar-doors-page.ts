import { BROADCASTS, COMMANDS, WRAPPING } from '../../src/mqtt/sonos2mqtt/table.ts';
import { HOUSE_ACTIONS } from '../../src/web/http-api/house-table.ts';
import { ACTIONS } from '../../src/web/http-api/table.ts';

interface Line {
  readonly word: string;
  readonly becomes: string;
  readonly takes: string;
  readonly note: string;
}

interface Impossible {
  readonly word: string;
  readonly why: string;
  readonly instead: string;
}

type Rows = Readonly<
  Record<
    string,
    | {
        readonly kind: 'supported';
        readonly becomes: readonly string[];
        readonly input?: string;
        readonly args?: string;
        readonly note: string;
      }
    | { readonly kind: 'unsupported'; readonly limit: { readonly why: string; readonly instead: string } }
  >
>;

const cell = (text: string): string => text.replaceAll('|', '\\|');
const sentence = (text: string): string => cell(text).replaceAll(/"([a-z_]+)"/g, '`$1`');

function split(
  rows: Rows,
  before = '',
): { readonly can: readonly Line[]; readonly cannot: readonly Impossible[] } {
  const entries = Object.entries(rows);
  return {
    can: entries.flatMap(([name, row]) =>
      row.kind === 'unsupported'
        ? []
        : {
            word: `\`${before}${name}\``,
            becomes: row.becomes.map((each) => `\`${each}\``).join(', ') || '(shows it)',
            takes: row.input ?? row.args ?? '',
            note: row.note,
          },
    ),
    cannot: entries.flatMap(([name, row]) =>
      row.kind === 'supported' ? [] : { word: `\`${before}${name}\``, ...row.limit },
    ),
  };
}

const supported = (lines: readonly Line[], takes: string): string =>
  [
    `| there | here | ${takes} | what is different |`,
    '|---|---|---|---|',
    ...lines.map(
      ({ word, becomes, takes: what, note }) => `| ${word} | ${becomes} | ${cell(what)} | ${cell(note)} |`,
    ),
  ].join('\n');

/** Those for which the same is true stand on one line. */
function impossible(lines: readonly Impossible[]): string {
  const byWhy = new Map<string, Impossible[]>();
  for (const line of lines) byWhy.set(line.why, [...(byWhy.get(line.why) ?? []), line]);
  return [
    '| not possible | why | instead |',
    '|---|---|---|',
    ...[...byWhy.values()].map(
      (same) =>
        `| ${same.map(({ word }) => word).join(' ')} | ${sentence(same[0]?.why ?? '')} | ${sentence(same[0]?.instead ?? '')} |`,
    ),
  ].join('\n');
}

const commands = split(COMMANDS);
const broadcasts = split(BROADCASTS, 'cmd/');
const actions = split(ACTIONS);
const house = split(HOUSE_ACTIONS, '/');

/** The page on the familiar doors. */
export const renderFamiliarDoorsPage =
  (): string => `<!-- Made from the tables in the source: \`npm run generate\`. -->
# Familiar doors

Flows, shortcuts and scripts that were made for [sonos2mqtt](https://github.com/svrooij/sonos2mqtt) or
[node-sonos-http-api](https://github.com/jishi/node-sonos-http-api) can go on as they are, as far as Sonos' cloud allows it.
Both doors are shut unless the settings open them:

\`\`\`yaml
compat:
  sonos2mqtt: true
  http_api: true
\`\`\`

Whatever comes through them becomes a command of [the bridge's own contract](commands.md), with the same rules: it is checked, put in
order, sent once, and answered. What the cloud cannot do is answered so, with a reason and what to use instead.

## sonos2mqtt

Everything is below the bridge's own base topic (\`mqtt.base_topic\`, \`sonos\`).

| topic | payload | |
|---|---|---|
| \`sonos/RINCON_…\` | the room as JSON | retained |
| \`sonos/status/<name>/{group,coordinator,state,track,muted,volume}\` | one value each | retained |
| \`sonos/connected\` | \`2\` | retained |
| \`sonos/RINCON_…/error\` | \`{"command": …, "error": {"code", "message", "advice"}}\` | |
| \`sonos/bridge/error\` | the same for a room that there is not, and for \`cmd\` | |
| \`sonos/RINCON_…/control\` | in: \`{"command": "volume", "input": 10}\` | |
| \`sonos/set/<name or id>/<command>\` | in: a bare value | |
| \`sonos/cmd/<command>\` | in: a value or JSON, for all rooms | |

\`<name>\` is the room's name in lower case, with \`-\` for each blank; where two rooms share one, or it cannot stand in a topic, it
is the room's id.

**In the room's JSON** stand \`uuid\`, \`name\`, \`groupName\`, \`coordinatorUuid\`, \`members\`, \`currentTrack\`, \`nextTrack\` and
\`enqueuedMetadata\` (\`Title\`, \`Artist\`, \`Album\`, \`AlbumArtUri\`, \`Duration\`), \`transportState\` (\`PLAYING\`, \`PAUSED_PLAYBACK\`,
\`STOPPED\`, \`TRANSITIONING\`), \`playmode\`, \`repeat\`, \`shuffle\`, \`crossfade\`, \`alarmRunning\`, \`volume.Master\`, \`mute.Master\` and
\`position\`. What is not known is left out. The keys are always written so.

**What the cloud does not know**: \`model\`, \`bass\`, \`treble\`, \`loudness\`, \`volume.LF\`, \`volume.RF\`, \`mute.LF\`, \`mute.RF\`, \`TrackUri\`
and the other ids of a track, \`QueueLength\`, \`QueuePosition\`, \`status/<name>/trackUri\`, and the raw events \`avtransport\` and
\`renderingcontrol\`. There is no \`ts\`: a topic changes only when what it says does, so MQTT's own time of arrival is the time.
\`position\` is what Sonos last told, and when; it does not tick.

**\`connected\`** stays \`2\` when the bridge is gone, since a client has one last will: look at \`sonos/bridge/availability\`.

Commands that one room takes, in either shape:

${supported(commands.can, 'what it takes')}
| \`${WRAPPING}\` | the command that it wraps | \`{"cmd": "volume", "val": 10}\` | |

Commands for all rooms:

${supported(broadcasts.can, 'what it takes')}

${impossible([...commands.cannot, ...broadcasts.cannot])}

Differences: an empty payload is no input. A command that is turned down at the door is told at \`…/error\`; one that was
taken is answered at the room's \`reply\` topic, like any other. \`replyTopic\` and the companion's discovery topics are not there.

With the embedded broker, whoever may send commands may send these too; a user with a \`publish\` list needs
${['`sonos/+/control`', '`sonos/set/+/+`', '`sonos/cmd/+`'].join(', ')} in it. Retained commands are refused.

## node-sonos-http-api

The addresses are those of the private listener (\`web.host\`, \`web.port\`, 8788 unless set), behind its password:

\`\`\`sh
curl -u :password http://192.168.1.5:8788/zones
curl -u :password http://192.168.1.5:8788/living%20room/volume/+5
curl -u :password 'http://192.168.1.5:8788/kitchen/say/Dinner%20is%20ready/en-us/40'
\`\`\`

A room is called by its name, its id or its address in the topics; case does not count. A slash inside a name or text is \`%2F\`.

Answers are \`{"status":"success"}\`, or \`{"status":"error","error":"…","code":"…","advice":"…"}\` with a status that says the same: 400 not
understood, 401 password, 403 not allowed, 404 no such room, action, favorite or playlist, 405 not GET, 409 not now, 429 too much,
501 not possible with Sonos' cloud, 502 Sonos refused, 503 no login, 504 no answer. They come when the effect was seen, after
\`commands.confirm_seconds\` and two more at the latest. Of several rooms, one that did it is success, and \`failed\` names the others.

Behind a room, \`/<room>/<action>\`:

${supported(actions.can, 'what may follow')}

Without one:

${supported(house.can, 'what may follow')}

${impossible([...actions.cannot, ...house.cannot])}

In \`state\` and \`zones\` there is no \`equalizer\`, no \`trackNo\`, and no \`uri\` or \`trackUri\` of a track: the cloud does not tell them.
An announcement without a volume is as loud as the settings say (\`announcements\`), not 40.

**Security.** These addresses act on GET, because that is what shortcuts send. So a browser is only obeyed when it says that a
person typed the address or keeps it as a bookmark: browsers do at \`localhost\` and over https. At plain http on another machine they
do not, and are refused (403), or any web page could turn the music up. Apps, scripts and home automations are not
browsers, and not concerned. HEAD and what browsers fetch ahead never act. There is no \`Access-Control-Allow-Origin\`.
`;
