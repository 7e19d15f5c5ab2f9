import type { Household } from './household.ts';
import { groupVolumeBody } from './household-bodies.ts';
import type { Player } from './player.ts';
import { commandFailed, type Refusal } from './refusal.ts';
import type { Group } from './topology.ts';
import { shifted, spread } from './volumes.ts';

/** What rooms and groups can be told about their volume, by an app or by a person; null means done. */

const FIXED = 'The volume of this player is fixed.';

/** Unmutes, as Sonos does, unless `muted` says otherwise. */
export function setPlayerVolume(
  home: Household,
  player: Player,
  volume: number,
  muted = false,
): Refusal | null {
  if (player.fixed) return commandFailed(FIXED);
  if (player.volume === volume && player.muted === muted) return null;
  player.volume = volume;
  player.muted = muted;
  home.voice.volume(player);
  return null;
}

/** Mutes or unmutes; the volume stays. */
export function setPlayerMute(home: Household, player: Player, muted: boolean): Refusal | null {
  if (player.fixed) return commandFailed(FIXED);
  if (player.muted === muted) return null;
  player.muted = muted;
  home.voice.volume(player);
  return null;
}

/** Moves all members in proportion, one after the other, with an event for each step. */
export function setGroupVolume(home: Household, group: Group, volume: number): Refusal | null {
  const members = home.members(group).filter((member) => !member.fixed);
  if (members.length === 0) return commandFailed(FIXED);
  const targets = spread(
    volume,
    members.map((member) => member.volume),
  );
  const { clock, knobs } = home.ports;
  members.forEach((member, index) => {
    const target = targets[index] ?? volume;
    const wait = index * knobs.volumeSettleMs;
    if (wait === 0) {
      setPlayerVolume(home, member, target);
      return;
    }
    home.unsettled += 1;
    clock.after(wait, () => {
      home.unsettled -= 1;
      setPlayerVolume(home, member, target);
    });
  });
  return null;
}

/** Moves the group's volume by so much, clamped at both ends. */
export function shiftGroupVolume(home: Household, group: Group, delta: number): Refusal | null {
  const { volume } = groupVolumeBody(home, group);
  return setGroupVolume(home, group, shifted(Number(volume), delta));
}

/** All members; what each of them was before is lost. */
export function setGroupMute(home: Household, group: Group, muted: boolean): Refusal | null {
  const members = home.members(group).filter((member) => !member.fixed);
  if (members.length === 0) return commandFailed(FIXED);
  for (const member of members) setPlayerMute(home, member, muted);
  return null;
}

/** Lowers the sound for a while without touching the reported volume; repeating starts the time anew. */
export function duck(home: Household, player: Player, durationMillis: number): void {
  player.ducking?.();
  player.ducking = home.ports.clock.after(durationMillis, () => {
    player.ducking = null;
  });
}

/** Ends the ducking at once; harmless when there is none. */
export function unduck(player: Player): void {
  player.ducking?.();
  player.ducking = null;
}
