import { z } from 'zod';
import { maybe, sonosNumber } from './lenient.ts';
import { kept } from './same.ts';
import type { Household, Seat, Slices } from './state.ts';

/** What a room's player is made of; what Sonos did not say is null. */
export interface Hardware {
  /** As people call it: `One`, `Arc`. */
  readonly model: string | null;
  /** As it stands on the box: `S13`. */
  readonly model_number: string | null;
  readonly software_version: string | null;
  readonly hardware_version: string | null;
  /** 1 for S1, 2 for S2. */
  readonly generation: number | null;
}

const LONGEST = 100;
const word = maybe(z.string().min(1).max(LONGEST));

/** What a player of a `groups` body says of itself; `devices` are only there where they were asked for, or in newer events. */
export const deviceFields = { softwareVersion: word, devices: z.unknown().optional() };

/** A player as it was read with these fields. */
export interface DevicePlayer {
  readonly id: string;
  readonly softwareVersion: string | null;
  readonly devices?: unknown;
}

const deviceBody = z.object({
  model: word,
  modelDisplayName: word,
  softwareVersion: word,
  hwVersion: word,
  swGen: maybe(sonosNumber),
});

const hasId = (id: string) => (device: unknown) =>
  typeof device === 'object' && device !== null && 'id' in device && device.id === id;

/** Its own box, not the others of a pair; only that one is read, since events bring all of them again and again. */
const ownBox = ({ id, devices }: DevicePlayer): z.output<typeof deviceBody> | null => {
  const own: unknown = Array.isArray(devices) ? devices.find(hasId(id)) : undefined;
  return own === undefined ? null : deviceBody.parse(own);
};

const NOTHING: Hardware = {
  model: null,
  model_number: null,
  software_version: null,
  hardware_version: null,
  generation: null,
};

/** A field that a body leaves out stays as it was. */
function hardwareAfter(player: DevicePlayer, earlier: Hardware): Hardware {
  const box = ownBox(player);
  return {
    model: box?.modelDisplayName ?? earlier.model,
    model_number: box?.model ?? earlier.model_number,
    software_version: player.softwareVersion ?? box?.softwareVersion ?? earlier.software_version,
    hardware_version: box?.hwVersion ?? earlier.hardware_version,
    generation: box?.swGen ?? earlier.generation,
  };
}

/** What an event or read told of devices; `wasAsked` when it was asked for them, so that what it left out is not to be had. */
export interface ToldDevices {
  readonly players: readonly DevicePlayer[];
  readonly wasAsked: boolean;
}

/** What is remembered of a player's device. */
interface Known {
  readonly hardware: Hardware;
  readonly wasAsked: boolean;
}

const SLICE = 'device';

// Only `withDevices` writes that slice.
const knownOf = (slices: Slices | undefined): Known | null => (slices?.[SLICE] as Known | undefined) ?? null;

/** What a player is made of; null when nothing is known. */
export function hardwareIn(slices: Slices | undefined): Hardware | null {
  const hardware = knownOf(slices)?.hardware ?? NOTHING;
  return Object.values(hardware).every((value) => value === null) ? null : hardware;
}

/** The same of a room's player. */
export const hardwareAt = ({ household, player }: Seat): Hardware | null =>
  hardwareIn(household.players.get(player.id));

/** The players that are listed and of which no model is known. */
function nameless({ topology, players }: Household): (Known | null)[] {
  return [...(topology?.players.keys() ?? [])]
    .map((id) => knownOf(players.get(id)))
    .filter((known) => (known?.hardware.model ?? null) === null);
}

/** Whether the model of every player is known that is listed. */
export const knowsModels = (household: Household): boolean => nameless(household).length === 0;

/** Whether there is a player of which no model is known, and nobody asked. */
export const lacksModels = (household: Household): boolean =>
  nameless(household).some((known) => known?.wasAsked !== true);

/**
 * The household after somebody told of its players' devices. It stands among what is remembered of each player, and not in the
 * topology: new software is no regrouping.
 */
export function withDevices(household: Household, told: ToldDevices | null): Household {
  if (told === null) return household;
  const byId = new Map(told.players.map((player) => [player.id, player] as const));
  let { players: slices } = household;
  for (const id of household.topology?.players.keys() ?? []) {
    const earlier = knownOf(slices.get(id));
    const player = byId.get(id);
    const before = earlier?.hardware ?? NOTHING;
    const hardware = player === undefined ? before : hardwareAfter(player, before);
    const known = kept(earlier, { hardware, wasAsked: told.wasAsked || earlier?.wasAsked === true });
    if (known !== earlier) slices = slices.with(id, { ...slices.get(id), [SLICE]: known });
  }
  return slices === household.players ? household : { ...household, players: slices };
}
