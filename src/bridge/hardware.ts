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

/** A field that a body leaves out stays as it was. */
function deviceAfter(player: DevicePlayer, earlier: Hardware | null): Hardware {
  const box = ownBox(player);
  return {
    model: box?.modelDisplayName ?? earlier?.model ?? null,
    model_number: box?.model ?? earlier?.model_number ?? null,
    software_version: player.softwareVersion ?? box?.softwareVersion ?? earlier?.software_version ?? null,
    hardware_version: box?.hwVersion ?? earlier?.hardware_version ?? null,
    generation: box?.swGen ?? earlier?.generation ?? null,
  };
}

const SLICE = 'device';

/** What is remembered of a player's device. Only `withDevices` writes that slice. */
export const deviceIn = (slices: Slices | undefined): Hardware | null =>
  (slices?.[SLICE] as Hardware | undefined) ?? null;

/** What the room's player is made of; null when nothing is known. */
export const deviceAt = ({ household, player }: Seat): Hardware | null =>
  deviceIn(household.players.get(player.id));

/** Whether the model of every player is known that is listed. */
export const knowsModels = ({ topology, players }: Household): boolean =>
  [...(topology?.players.keys() ?? [])].every((id) => deviceIn(players.get(id))?.model != null);

/**
 * The household after a body told of its players' devices. It stands among what is remembered of each player, and not in the
 * topology: new software is no regrouping.
 */
export function withDevices(household: Household, players: readonly DevicePlayer[]): Household {
  let { players: slices } = household;
  for (const player of players) {
    const earlier = deviceIn(slices.get(player.id));
    const device = kept(earlier, deviceAfter(player, earlier));
    const isListed = household.topology?.players.has(player.id) === true;
    if (device === earlier || !isListed || Object.values(device).every((value) => value === null)) continue;
    slices = slices.with(player.id, { ...slices.get(player.id), [SLICE]: device });
  }
  return slices === household.players ? household : { ...household, players: slices };
}
