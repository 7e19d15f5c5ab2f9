import { sign } from '../../src/sim/signature.ts';
import type { Place } from '../harness/home.ts';
import { BODIES } from './bodies.ts';
import { KINDS, type Kind, MIX, marks } from './markers.ts';

/** Where events go, and whose they are. */
export interface Address {
  readonly port: number;
  readonly path: string;
  readonly household: string;
  readonly places: readonly Place[];
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An event, ready to be sent. */
export interface MadeEvent {
  /** Its place in `KINDS`. */
  readonly kind: number;
  /** The how manieth of its kind for its room, from 1. */
  readonly count: number;
  /** The whole HTTP request, in Latin-1. */
  readonly request: string;
}

/** Makes the next event of a room, every time another one: a growing number, another state, a signature that fits. */
export type EventMaker = (room: number) => MadeEvent;

const HEADERS: Readonly<Record<Kind, { readonly namespace: string; readonly type: string }>> = {
  metadata: { namespace: 'playbackMetadata', type: 'metadataStatus' },
  playback: { namespace: 'playback', type: 'playbackStatus' },
  playerVolume: { namespace: 'playerVolume', type: 'playerVolume' },
  groupVolume: { namespace: 'groupVolume', type: 'groupVolume' },
};

/** Higher than any number that the simulated house has given. */
const FIRST_SEQUENCE = 100_000_000_000;

/** A body's text before, between and after its two parts that change; a template of every second one. */
type Template = (count: number) => string;

/** Renders a body once for even and once for odd counts, and puts in what changes: making JSON each time would cost more than sending it. */
function templateOf(kind: Kind): Template {
  if (kind === 'playerVolume' || kind === 'groupVolume') return BODIES[kind];
  const texts = (count: number): string[] =>
    kind === 'metadata'
      ? [marks.title(count)]
      : [marks.positionMillis(count), marks.positionMillis(count - 1)].map(String);
  const pieces = [2, 1].map((count) => {
    let rest = BODIES[kind](count);
    const found: string[] = [];
    for (const text of texts(count)) {
      const at = rest.indexOf(text);
      found.push(rest.slice(0, at));
      rest = rest.slice(at + text.length);
    }
    return [...found, rest];
  });
  return (count) => {
    const parts = pieces[count % 2] ?? [];
    return texts(count).reduce((body, text, index) => `${body}${text}${parts[index + 1]}`, parts[0] ?? '');
  };
}

/** Makes events for every place of a house, in the proportions of `MIX`. */
export function createEventMaker({
  port,
  path,
  household,
  places,
  clientId,
  clientSecret,
}: Address): EventMaker {
  const templates = KINDS.map(templateOf);
  const counts = places.map(() => KINDS.map(() => 0));
  // Rooms begin at different points of the mix, so that it is the same at every moment.
  const turns = places.map((_, room) => room);
  let sequence = FIRST_SEQUENCE;
  return (room) => {
    const turn = turns[room] ?? 0;
    turns[room] = turn + 1;
    const kind = MIX[turn % MIX.length] ?? 'playback';
    const number = KINDS.indexOf(kind);
    const roomCounts = counts[room] ?? [];
    const count = (roomCounts[number] ?? 0) + 1;
    roomCounts[number] = count;
    sequence += 1;
    const { namespace, type } = HEADERS[kind];
    const isPlayers = kind === 'playerVolume';
    const target = (isPlayers ? places[room]?.player : places[room]?.group) ?? '';
    const targetType = isPlayers ? 'playerId' : 'groupId';
    const fields = { sequence: String(sequence), namespace, type, targetType, target };
    const body = templates[number]?.(count) ?? '';
    const request =
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\nX-Sonos-Household-Id: ${household}\r\nX-Sonos-Namespace: ${namespace}\r\n` +
      `X-Sonos-Type: ${type}\r\nX-Sonos-Target-Type: ${targetType}\r\nX-Sonos-Target-Value: ${target}\r\n` +
      `X-Sonos-Event-Seq-Id: ${sequence}\r\n` +
      `X-Sonos-Event-Signature: ${sign(fields, clientId, clientSecret)}\r\n\r\n${body}`;
    return { kind: number, count, request };
  };
}
