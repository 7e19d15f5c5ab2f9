import type { Place } from '../harness/home.ts';
import { type Credentials, FIRST_SEQUENCE, requestText, signedHeaders } from '../harness/signed-request.ts';
import { BODIES } from './bodies.ts';
import { EVENT_WORDS, KINDS, type Kind, MIX, marks } from './markers.ts';

/** Where events go, and whose they are. */
export interface Address extends Credentials {
  readonly port: number;
  readonly path: string;
  readonly household: string;
  readonly places: readonly Place[];
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
export function createEventMaker({ port, path, household, places, ...key }: Address): EventMaker {
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
    const { namespace, type } = EVENT_WORDS[kind];
    const isPlayers = kind === 'playerVolume';
    const target = (isPlayers ? places[room]?.player : places[room]?.group) ?? '';
    const targetType = isPlayers ? 'playerId' : 'groupId';
    const event = { household, sequence, namespace, type, targetType, target } as const;
    const body = templates[number]?.(count) ?? '';
    const request = requestText(port, path, signedHeaders(event, key), body);
    return { kind: number, count, request };
  };
}
