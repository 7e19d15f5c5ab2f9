import { z } from 'zod';
import { type CommandError, fromSonos } from './command-error.ts';
import { lookUp, namesIn } from './content-command.ts';
import { itemsOf, maybe, sonosId } from './lenient.ts';
import { playlistLibrary } from './namespaces/playlists.ts';
import { householdPath } from './paths.ts';
import type { Reader } from './readers.ts';
import type { Ask, Outcome, Status } from './replies.ts';
import { err, ok, type Result } from './result.ts';
import type { SendCall } from './sonos.ts';
import type { Household, Room } from './state.ts';

/** What reading a playlist needs of the rest of the house. */
export interface PlaylistPorts {
  readonly send: SendCall;
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
  readonly obstacle: (household: string) => CommandError | null;
  /** By id; undefined when it is gone. */
  readonly household: (id: string) => Household | undefined;
  /** Whether a list of the household was not read yet, or has been overtaken. */
  readonly lacks: (household: Household, namespace: string) => boolean;
  readonly readList: (household: Household, namespace: string) => Promise<void>;
}

/** Sonos tells of no more (docs.sonos.com, "getPlaylist"). */
const MOST_TRACKS = 100;
/** Sonos' names have 127 characters at most; a message must stay one that every broker takes. */
const LONGEST = 200;

const text = maybe(z.string().transform((words) => words.slice(0, LONGEST)));

/** What `GET …/playlists/{id}` answers (docs.sonos.com, "playlists"). */
const summaryBody = z.object({
  id: maybe(sonosId),
  name: text,
  tracks: itemsOf(z.object({ name: text, artist: text, album: text })),
});

type Names = readonly [string, ...string[]];

/** The names that a payload may mean: as it stands, and unquoted. */
export const playlistNames: Reader<Names> = {
  name: 'name or id',
  schema: z
    .union([z.string().regex(/\S/), z.number()])
    .meta({ examples: ['Jazz', { value: 'Jazz', id: 'tracks-1' }] }),
  read(raw) {
    const given = raw.kind === 'text' ? raw.text : raw.value;
    const names = typeof given === 'string' || typeof given === 'number' ? namesIn(String(given)) : null;
    return names === null
      ? err({ message: 'That names no playlist.', advice: 'Send the name or the id of a Sonos playlist.' })
      : ok(names);
  },
};

/** What is in the playlist, as it stands in the answer. */
type Told = NonNullable<Outcome['result']>;

async function tracksOf(
  { send, lacks, readList, household }: PlaylistPorts,
  before: Household,
  names: Names,
): Promise<Result<Told, CommandError>> {
  if (lacks(before, playlistLibrary.namespace)) await readList(before, playlistLibrary.namespace);
  const found = lookUp(playlistLibrary, household(before.id) ?? before, { names });
  if (!found.ok) return found;
  const { id, name } = found.value;
  const path = `${householdPath(before.id)}/playlists/${encodeURIComponent(id)}`;
  const answer = await send({
    method: 'GET',
    path,
    household: before.id,
    priority: 'command',
    repeatable: true,
  });
  if (!answer.ok) return err(fromSonos(answer.error));
  // The client only lets objects through, and everything in them may be missing.
  const summary = summaryBody.parse(answer.value);
  const tracks = summary.tracks
    .slice(0, MOST_TRACKS)
    .map(({ name: title, artist, album }) => ({ title, artist, album }));
  return ok({ id, name: summary.name ?? name, tracks });
}

/** Tells what is in a playlist; it is read once, however many rooms were addressed. */
export function playlistTracks(ports: PlaylistPorts) {
  const lookedUp = (household: Household, names: Names): CommandError | null => {
    if (ports.lacks(household, playlistLibrary.namespace)) return null;
    const found = lookUp(playlistLibrary, household, { names });
    return found.ok ? null : found.error;
  };

  async function tell(household: Household, names: Names, asks: ReadonlyMap<Room, Ask>): Promise<void> {
    const told = await tracksOf(ports, household, names);
    for (const ask of asks.values()) {
      if (told.ok) ports.settle(ask, 'confirmed', { result: told.value });
      else ports.settle(ask, 'failed', { error: told.error });
    }
  }

  return {
    rooms: () => [],
    objection: (household: Household, _room: Room, names: Names) =>
      ports.obstacle(household.id) ?? lookedUp(household, names),
    run(household: Household, names: Names, asks: ReadonlyMap<Room, Ask>): void {
      for (const ask of asks.values()) ports.settle(ask, 'accepted');
      void tell(household, names, asks);
    },
  };
}
