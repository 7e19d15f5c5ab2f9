import { z } from 'zod';
import { type Metadata, metadataAt } from '../namespaces/playback-slice.ts';
import { plain, type Raw } from '../readers.ts';
import { same } from '../same.ts';
import type { Json } from '../sonos.ts';
import { type Household, type Seat, seatOf } from '../state.ts';

const loadRecord = z.object({
  household: z.string(),
  /** Whose group it was loaded on: music stays with the player that leads. */
  playerId: z.string(),
  command: z.enum(['favorite', 'playlist', 'stream', 'line_in']),
  value: z.json() as z.ZodType<Json>,
  /** What the group showed then, see `identityOf`. */
  shown: z.string(),
});

/** What the bridge loaded last on each group, as it is kept over a restart. */
export const loadsSchema = z.array(loadRecord);
export type LoadsRecord = z.output<typeof loadsSchema>;
type Load = z.output<typeof loadRecord>;

/** Something that was loaded by a command. */
export type Loaded = Pick<Load, 'command' | 'value'>;

const MOST = 200;

/** Tells what a group plays from everything else, as far as Sonos does. */
export const identityOf = ({ source, containerId }: Metadata): string =>
  [source.kind, containerId ?? source.name ?? ''].join(' ');

const isLoading = (command: string): command is Load['command'] =>
  loadRecord.shape.command.options.some((word) => word === command);

/** The value of a command that loads, as it can be sent again; null when it did not replace what was there. */
function loadedBy(command: Load['command'], raw: Raw, seat: Seat): Json | null {
  if (raw.kind === 'json' && !['replace', undefined].includes(raw.fields.action as string | undefined))
    return null;
  if (command === 'stream') return raw.kind === 'json' ? (raw.value ?? raw.fields) : String(plain(raw));
  const value = plain(raw);
  const word = typeof value === 'number' ? String(value) : value;
  if (typeof word === 'string' && word.trim() !== '') return word.trim();
  // A bare `line_in` is the socket of the room that was told.
  return command === 'line_in' ? seat.player.id : null;
}

/** What the bridge loaded on groups, for as long as it plays there. */
export class Loads {
  #all: LoadsRecord;
  readonly #changed: () => void;

  /** `changed` is told when there is something new to keep. */
  constructor(record: LoadsRecord, changed: () => void) {
    this.#all = record;
    this.#changed = changed;
  }

  get record(): LoadsRecord {
    return this.#all;
  }

  /** A command took effect: `before` is the room when it was sent, `household` is as it is now. */
  carried(command: string, raw: Raw, before: Seat, household: Household): void {
    const now = seatOf(household, before.player.id);
    const [was, is] = [metadataAt(before), now && metadataAt(now)];
    if (!isLoading(command) || now?.group == null || is === null) return;
    const value = loadedBy(command, raw, before);
    const shown = identityOf(is);
    const playerId = now.group.coordinatorId;
    const load = { household: household.id, playerId, command, value, shown };
    if (value === null || this.#all.some((each) => same(each, load))) return;
    const others = this.#all.filter((each) => each.household !== household.id || each.playerId !== playerId);
    // The end of a track looks like a new one, too: what shows as it did before may be the music from before.
    const isNews = was === null || identityOf(was) !== shown;
    this.#all = [...others, ...(isNews ? [{ ...load, value }] : [])].slice(-MOST);
    this.#changed();
  }

  /** What the group of a room plays, when the bridge loaded it and nobody anything else since. */
  at(seat: Seat): Loaded | null {
    const metadata = metadataAt(seat);
    if (metadata === null || seat.group === null) return null;
    const shown = identityOf(metadata);
    const { coordinatorId } = seat.group;
    return (
      this.#all.find(
        (load) =>
          load.household === seat.household.id && load.playerId === coordinatorId && load.shown === shown,
      ) ?? null
    );
  }
}
