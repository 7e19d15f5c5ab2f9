import type { z } from 'zod';
import { type CommandError, commandError } from '../command-error.ts';
import type { presetItemSchema } from '../contract/bridge-messages.ts';
import { suggestion } from '../nearest.ts';
import type { Perform } from '../own-commands.ts';
import type { Clock } from '../ports.ts';
import { quoted } from '../quoted.ts';
import type { Raw } from '../readers.ts';
import type { Outcome } from '../replies.ts';
import { err, ok, type Result } from '../result.ts';
import { findRoom, readRoom } from '../room-name.ts';
import { type Household, type Room, type Seat, seatOf } from '../state.ts';
import { applied } from './apply.ts';
import { captured, type Naming, restorable } from './capture.ts';
import type { Loads } from './loads.ts';
import { planOf } from './plan.ts';
import type { Preset } from './preset.ts';
import { type Call, readCall, readSave, readSnapshotCall } from './preset-calls.ts';
import type { Lost, PresetsRecord, SnapshotRecord } from './preset-record.ts';
import { MOST_SAVED, PresetShelf } from './preset-shelf.ts';
import { createTurns } from './turns.ts';
import { planned, type Told } from './verdict.ts';

/** A preset, as `bridge/presets` lists it. */
export type PresetItem = Readonly<z.output<typeof presetItemSchema>>;

/** What presets need of the rest of the house. */
export interface PresetPorts {
  readonly clock: Clock;
  readonly perform: Perform;
  /** By alias or id; undefined when there is none. */
  readonly household: (word: string) => Household | undefined;
  readonly households: () => readonly Household[];
  /** Why no call can be made for the household, or for any; null when one can. */
  readonly obstacle: (household: string | null) => CommandError | null;
  /** Has read what a plan is made of, as far as it is not known. */
  readonly prepare: (household: string) => Promise<void>;
  /** Makes what is kept durable; rejects when the disk refuses. */
  readonly save: (record: PresetsRecord) => Promise<void>;
  /** These are the presets now. */
  readonly show: (items: readonly PresetItem[]) => void;
  /** The presets of the settings, by name. */
  readonly settings: ReadonlyMap<string, Preset>;
}

type Action = (word: string, raw: Raw) => Promise<Outcome>;

/** So many may wait for their turn in a household, the one under way among them. */
const MOST_WAITING = 20;

const crowded = commandError(
  'rate_limited',
  'Too many presets wait for their turn already.',
  'Send one, and wait for its answer.',
);

const byAddress: Naming = (room) => room.address;
const byPlayer: Naming = (room) => room.playerId;

const WHY: Readonly<Record<Lost['what'], (name: string | null) => string>> = {
  music: (name) =>
    `${name === null ? 'What played' : quoted(name)} was not loaded by the bridge, which cannot load it again.`,
  position: () => 'The queue begins anew: Sonos gives no place in a queue to come back to.',
};

const fail = (error: CommandError): Outcome => ({ error });

/** The presets of the settings and those that were saved, and snapshots: applied, saved, listed. */
export class Presets {
  readonly #ports: PresetPorts;
  readonly #shelf: PresetShelf;
  readonly #inTurn = createTurns(MOST_WAITING);

  constructor(ports: PresetPorts, record: PresetsRecord) {
    this.#ports = ports;
    this.#shelf = new PresetShelf(record, ports.save);
  }

  /** What the bridge loaded on groups. */
  get loads(): Loads {
    return this.#shelf.loads;
  }

  /** Tells which presets there are. */
  show(): void {
    const items = [...this.#all()].map(
      ([name, preset]): PresetItem => ({
        ...{ name, household: preset.household ?? null },
        from: this.#ports.settings.has(name) ? 'settings' : 'saved',
      }),
    );
    this.#ports.show(items.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** What the commands to the bridge do, by name. */
  readonly actions = {
    preset: (word, raw) => this.#apply(readCall(word, raw)),
    'preset/save': (word, raw) => this.#save(word, raw),
    'preset/delete': (word, raw) => this.#delete(readCall(word, raw)),
    snapshot: (word, raw) => this.#snapshot(readSnapshotCall(word, raw)),
    restore: (word, raw) => this.#restore(readSnapshotCall(word, raw)),
  } as const satisfies Record<string, Action>;

  /** Those of the settings stand before those that were saved. */
  #all(): ReadonlyMap<string, Preset> {
    return new Map([...this.#shelf.saved, ...this.#ports.settings]);
  }

  readonly #loadedAt = (seat: Seat) => this.#shelf.loads.at(seat);

  async #apply(call: Result<Call, CommandError>): Promise<Outcome> {
    if (!call.ok) return fail(call.error);
    const { isDry } = call.value;
    const all = this.#all();
    const name = nameMeant([...all.keys()], call.value.name);
    const preset = all.get(name);
    if (preset === undefined) return fail(unknown('preset', name, [...all.keys()]));
    const household = await this.#ready(call.value.household ?? preset.household ?? null);
    return household.ok
      ? this.#lead(household.value, quoted(name), () => preset, isDry)
      : fail(household.error);
  }

  async #save(word: string, raw: Raw): Promise<Outcome> {
    const save = readSave(word, raw);
    if (!save.ok) return fail(save.error);
    const { call, preset } = save.value;
    if (this.#ports.settings.has(call.name)) return fail(ofTheSettings(call.name));
    if (this.#shelf.saved.size >= MOST_SAVED && !this.#shelf.saved.has(call.name)) return fail(full);
    if (preset !== null) return this.#keep(call.name, preset, {});
    const household = await this.#ready(call.household);
    if (!household.ok) return fail(household.error);
    const rooms = roomsOf(household.value, call.rooms);
    if (!rooms.ok) return fail(rooms.error);
    const found = captured(household.value, rooms.value, this.#loadedAt, byAddress);
    const whole = { household: household.value.alias, ...found.preset };
    return this.#keep(call.name, whole, {
      preset: whole as Told,
      not_restored: notRestored(household.value, found.lost),
    });
  }

  async #keep(name: string, preset: Preset, result: Told): Promise<Outcome> {
    const error = await this.#shelf.put(name, preset);
    if (error !== null) return fail(error);
    this.show();
    return Object.keys(result).length === 0 ? {} : { result };
  }

  async #delete(call: Result<Call, CommandError>): Promise<Outcome> {
    if (!call.ok) return fail(call.error);
    const { name } = call.value;
    if (this.#ports.settings.has(name)) return fail(ofTheSettings(name));
    if (!this.#shelf.saved.has(name))
      return fail(unknown('saved preset', name, [...this.#shelf.saved.keys()]));
    const error = await this.#shelf.put(name, null);
    if (error !== null) return fail(error);
    this.show();
    return {};
  }

  async #snapshot(call: Result<Call, CommandError>): Promise<Outcome> {
    if (!call.ok) return fail(call.error);
    const household = await this.#ready(call.value.household);
    if (!household.ok) return fail(household.error);
    const rooms = roomsOf(household.value, call.value.rooms);
    if (!rooms.ok) return fail(rooms.error);
    const { preset, lost } = captured(household.value, rooms.value, this.#loadedAt, byPlayer);
    const at = this.#ports.clock.now();
    const error = await this.#shelf.putSnapshot({
      ...{ name: call.value.name, household: household.value.id, at, preset },
      lost: [...lost],
    });
    return error === null ? { result: { not_restored: notRestored(household.value, lost) } } : fail(error);
  }

  async #restore(call: Result<Call, CommandError>): Promise<Outcome> {
    if (!call.ok) return fail(call.error);
    const { name, isDry } = call.value;
    const snapshot = this.#shelf.snapshots.get(name);
    if (snapshot === undefined) return fail(unknown('snapshot', name, [...this.#shelf.snapshots.keys()]));
    const household = await this.#ready(call.value.household ?? snapshot.household);
    if (!household.ok) return fail(household.error);
    return this.#broughtBack(household.value, snapshot, isDry);
  }

  async #broughtBack(household: Household, snapshot: SnapshotRecord, isDry: boolean): Promise<Outcome> {
    let lost: readonly Lost[] = [];
    const what = `the snapshot ${quoted(snapshot.name)}`;
    const presetNow = (now: Household): Preset => {
      const left = restorable(now, snapshot);
      lost = left.lost;
      return left.preset;
    };
    const { error, result } = await this.#lead(household, what, presetNow, isDry);
    const whole = { ...result, not_restored: notRestored(household, lost) };
    return error === undefined ? { result: whole } : { error, result: whole };
  }

  /** Leads a household to a preset in its turn, which is made of how the household is then. */
  async #lead(
    { id }: Household,
    what: string,
    presetOf: (now: Household) => Preset,
    isDry: boolean,
  ): Promise<Outcome> {
    const ports = { household: () => this.#ports.household(id), perform: this.#ports.perform };
    const work = async (): Promise<Outcome> => {
      const now = ports.household();
      if (now === undefined) return fail(noHousehold(id, []));
      const preset = presetOf(now);
      const plan = (household: Household) => planOf(household, preset, this.#loadedAt);
      return isDry ? { result: planned(plan(now)) } : applied(what, plan, ports);
    };
    if (isDry) return work();
    return (await this.#inTurn(id, work)) ?? fail(crowded);
  }

  /** The household that is meant, with everything read that a plan is made of. */
  async #ready(word: string | null): Promise<Result<Household, CommandError>> {
    const all = this.#ports.households();
    const aliases = all.map(({ alias }) => alias);
    if (word === null && all.length > 1) return err(which(aliases));
    const meant = word === null ? all[0] : this.#ports.household(word);
    if (meant === undefined) return err(this.#ports.obstacle(null) ?? noHousehold(word, aliases));
    const own = this.#ports.obstacle(meant.id);
    if (own !== null) return err(own);
    await this.#ports.prepare(meant.id);
    const ready = this.#ports.household(meant.id);
    return ready === undefined ? err(noHousehold(meant.id, aliases)) : ok(ready);
  }
}

/** The name that is meant by a word: itself, or the only one that is the same, or begins so, in whatever case; else the word. */
function nameMeant(names: readonly string[], word: string): string {
  if (names.includes(word)) return word;
  const wanted = word.toLowerCase();
  const same = names.filter((name) => name.toLowerCase() === wanted);
  const begun = same.length > 0 ? same : names.filter((name) => name.toLowerCase().startsWith(wanted));
  const [only = word, ...others] = begun;
  return others.length === 0 ? only : word;
}

const unknown = (what: string, name: string, known: readonly string[]): CommandError =>
  commandError('invalid_payload', `No ${what} is called ${quoted(name)}.`, suggestion(name, known));

const noHousehold = (word: string | null, aliases: readonly string[]): CommandError =>
  word === null
    ? commandError('unknown_room', 'There is no household yet.', 'See "account" in bridge/state.')
    : commandError('unknown_room', `No household is called ${quoted(word)}.`, suggestion(word, aliases));

const which = (aliases: readonly string[]): CommandError =>
  commandError(
    'invalid_payload',
    'There is more than one household, and nothing says which one is meant.',
    `Send {"value": name, "household": alias} with one of ${aliases.join(', ')}.`,
  );

const ofTheSettings = (name: string): CommandError =>
  commandError(
    'invalid_payload',
    `${quoted(name)} is a preset of the settings, which the bridge does not change.`,
    'Change it in the settings, or save it under another name.',
  );

const full = commandError(
  'invalid_payload',
  `There are ${MOST_SAVED} saved presets already.`,
  'Delete one by preset/delete.',
);

/** The rooms to look at: those that are named, or all that are there. */
function roomsOf(
  household: Household,
  words: readonly string[] | null,
): Result<readonly Room[], CommandError> {
  if (words === null)
    return ok([...household.rooms.values()].filter(({ playerId }) => seatOf(household, playerId) !== null));
  const rooms: Room[] = [];
  for (const word of words) {
    const room = readRoom(household, word);
    if (!room.ok) return room;
    rooms.push(room.value);
  }
  return ok(rooms);
}

/** What cannot be brought back, in words. */
const notRestored = (household: Household, lost: readonly Lost[]): Told[string] =>
  lost.map(({ rooms, what, name }) => ({
    rooms: rooms.map((word) => findRoom(household, word)?.address ?? word),
    what,
    message: WHY[what](name),
  }));
