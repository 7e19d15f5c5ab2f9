import { z } from 'zod';
import { type CommandError, commandError } from './command-error.ts';
import { type CommandSpec, defineCommand, type Witness } from './command-spec.ts';
import { metadataAt } from './namespaces/playback-slice.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './quoted.ts';
import type { Raw, Reader } from './readers.ts';
import { err, ok, type Result } from './result.ts';
import { groupPathOf } from './seat-group.ts';
import { leavingSession } from './session-calls.ts';
import type { Household } from './state.ts';

/** Something that can be loaded by name: a favorite or a Sonos playlist. */
export interface Loadable {
  readonly id: string;
  readonly name: string;
  /** What the container is called by when it is loaded, `service:object`; null when Sonos did not say. */
  readonly containerId: string | null;
}

/** What the commands for favorites and for playlists have in common. */
export interface Library {
  readonly thing: 'favorite' | 'playlist';
  readonly namespace: 'favorites' | 'playlists';
  readonly unknown: 'unknown_favorite' | 'unknown_playlist';
  /** Null while the list was not read yet. */
  readonly items: (household: Household) => readonly Loadable[] | null;
}

/** What `favorite` and `playlist` take. */
interface Load {
  /** As it stands in the payload, then unquoted when it was a JSON string. */
  readonly names: readonly [string, ...string[]];
  readonly action: 'replace' | 'append' | 'insert' | 'next';
  readonly play: boolean;
  readonly modes: { readonly [mode: string]: boolean };
}

const ACTIONS = { replace: 'REPLACE', append: 'APPEND', insert: 'INSERT', next: 'INSERT_NEXT' } as const;

const loadSchema = z.object({
  value: z.union([z.string().regex(/\S/).trim(), z.number().transform(String)]),
  action: z.enum(['replace', 'append', 'insert', 'next']).default('replace'),
  play: z.boolean().default(true),
  shuffle: z.boolean().optional(),
  repeat: z.enum(['off', 'all', 'one']).optional(),
  crossfade: z.boolean().optional(),
});

/** The names that a bare text may stand for: itself, and what it says as JSON; null when it is empty. */
export function namesIn(text: string): Load['names'] | null {
  const bare = text.trim();
  if (bare === '') return null;
  let unquoted: unknown = null;
  if (bare.startsWith('"')) {
    try {
      unquoted = JSON.parse(bare);
    } catch {
      // It is a name that happens to begin with a quotation mark.
    }
  }
  const others = typeof unquoted === 'string' && unquoted.trim() !== '' ? [unquoted] : [];
  return [bare, ...others];
}

function fromText(text: string): Load | null {
  const names = namesIn(text);
  return names && { names, action: 'replace', play: true, modes: {} };
}

function fromFields(raw: Extract<Raw, { kind: 'json' }>): Load | null {
  const read = loadSchema.safeParse({ ...raw.fields, value: raw.value });
  if (!read.success) return null;
  const { value, action, play, shuffle, repeat, crossfade } = read.data;
  const modes = {
    ...(shuffle === undefined ? {} : { shuffle }),
    ...(repeat === undefined ? {} : { repeat: repeat === 'all', repeatOne: repeat === 'one' }),
    ...(crossfade === undefined ? {} : { crossfade }),
  };
  return { names: [value], action, play, modes };
}

const reader: Reader<Load> = {
  name: 'name or id, or an object `{value, action, play, shuffle, repeat, crossfade}`',
  schema: z.union([z.string().regex(/\S/), loadSchema]).meta({
    examples: ['Jazz', { value: 'Jazz', action: 'append', play: false }],
  }),
  read: (raw) => {
    const load = raw.kind === 'text' ? fromText(raw.text) : fromFields(raw);
    if (load !== null) return ok(load);
    return err({
      message: 'That names nothing to load.',
      advice:
        'Send a name, or {"value": name, "action": "replace", "append", "insert" or "next", "play": true}.',
    });
  },
};

/** The one thing that a name means, by its id, its whole name in any case, or a beginning that only one has; or all that it may mean. */
export function findLoadable(items: readonly Loadable[], name: string): Loadable | readonly Loadable[] {
  const wanted = name.toLowerCase();
  const exact =
    items.find((item) => item.name === name) ?? items.find((item) => item.name.toLowerCase() === wanted);
  const whole = exact ?? items.find((item) => item.id === name);
  if (whole !== undefined) return whole;
  const begun = items.filter((item) => item.name.toLowerCase().startsWith(wanted));
  const [only, ...others] = begun;
  return only !== undefined && others.length === 0 ? only : begun;
}

/** The one thing of the library that the names stand for. */
export function lookUp(
  library: Library,
  household: Household,
  load: Pick<Load, 'names'>,
): Result<Loadable, CommandError> {
  const items = library.items(household);
  if (items === null) {
    return err(
      commandError(
        'sonos_error',
        `The ${library.namespace} could not be read from Sonos yet.`,
        'Try again in a moment.',
      ),
    );
  }
  const [name] = load.names;
  let several: readonly Loadable[] = [];
  for (const candidate of load.names) {
    const found = findLoadable(items, candidate);
    if ('id' in found) return ok(found);
    if (found.length > several.length) several = found;
  }
  if (several.length > 0) {
    const message = `${quoted(name)} is the beginning of more than one ${library.thing}.`;
    return err(
      commandError(
        'ambiguous_name',
        message,
        suggestion(
          '',
          several.map((item) => item.name),
        ),
      ),
    );
  }
  const message = `No ${library.thing} is called ${quoted(name)}.`;
  return err(
    commandError(
      library.unknown,
      message,
      suggestion(
        name,
        items.map((item) => item.name),
      ),
    ),
  );
}

/** `append`, `insert` and `next` cannot be seen from outside; `replace` shows as another container or item. */
function loaded(library: Library, { value, before, now }: Witness<Load>): boolean {
  if (value.action !== 'replace') return true;
  const [was, is] = [metadataAt(before), metadataAt(now)];
  // What an idle room tells of was not loaded.
  if (is === null || is.source.kind === 'none') return false;
  const isOther = (id: string | null, earlier: string | null): boolean => id !== null && id !== earlier;
  // Without knowing what was there before, nothing can be called another.
  if (was !== null && (isOther(is.containerId, was.containerId) || isOther(is.itemId, was.itemId)))
    return true;
  const wanted = lookUp(library, now.household, value);
  if (!wanted.ok) return false;
  const { containerId, name } = wanted.value;
  return is.source.name === name || (containerId !== null && is.containerId === containerId);
}

/** Loads a favorite or a playlist on the room's group (docs.sonos.com, "loadFavorite", "loadPlaylist"). */
export const contentCommand = (library: Library): CommandSpec =>
  defineCommand<Load>({
    describe: `Loads a ${library.thing} on the room's group, by name or id.`,
    value: reader,
    aim: 'group',
    needs: [library.namespace],
    reads: ['playbackMetadata', 'playback'],
    repeatable: (value) => value.action === 'replace',
    plan: (value, seat) => {
      const wanted = lookUp(library, seat.household, value);
      if (!wanted.ok) return wanted;
      const path = groupPathOf(seat);
      if (!path.ok) return path;
      const body = {
        [`${library.thing}Id`]: wanted.value.id,
        action: ACTIONS[value.action],
        playOnCompletion: value.play,
        ...(Object.keys(value.modes).length === 0 ? {} : { playModes: value.modes }),
      };
      const call = { method: 'POST', path: `${path.value}/${library.namespace}`, body } as const;
      return ok({ ...call, ...leavingSession(seat) });
    },
    seen: (witness) => (loaded(library, witness) ? 'seen' : 'not_yet'),
  });
