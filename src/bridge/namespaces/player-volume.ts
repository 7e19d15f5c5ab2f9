import { z } from 'zod';
import { playerPath } from '../paths.ts';
import { ok } from '../result.ts';
import { muteCommand, type VolumeTarget, volumeCommand } from '../volume-command.ts';
import { defineNamespace, on, roomPart } from './define.ts';
import { duck } from './duck.ts';
import { fixedPlayer, refusedPlayer } from './fixed-volume.ts';
import { rememberVolume, type Volume, volumeBody } from './volume.ts';

const roomSchema = z.object({
  volume: z.int().min(0).max(100).nullable(),
  muted: z.boolean().nullable(),
  fixed: z.boolean().nullable().describe('Whether it is a line-out whose volume cannot be set.'),
});

const target: VolumeTarget = {
  whose: 'the room',
  aim: 'player',
  namespace: 'playerVolume',
  path: (seat) => ok(`${playerPath(seat.player.id)}/playerVolume`),
  fixed: fixedPlayer,
  refused: refusedPlayer,
  known: (seat) => playerVolume.slice(seat.household.players.get(seat.player.id)),
};

/** The volume of one player (docs.sonos.com, "playerVolume"). */
export const playerVolume = defineNamespace<Volume>({
  name: 'playerVolume',
  target: 'player',
  events: { playerVolume: on<Volume, typeof volumeBody>(volumeBody, rememberVolume) },
  snapshot: { path: (id) => `${playerPath(id)}/playerVolume`, type: 'playerVolume' },
  room: roomPart(roomSchema, (slice) => ({
    volume: slice?.volume ?? null,
    muted: slice?.muted ?? null,
    fixed: slice?.fixed ?? null,
  })),
  attributes: { volume: 'volume', muted: 'muted' },
  commands: { volume: volumeCommand(target), mute: muteCommand(target), duck },
  entities: {
    volume: {
      platform: 'number',
      name: 'Volume',
      unless: 'fixed',
      icon: 'mdi:volume-high',
      min: 0,
      max: 100,
      unit: '%',
      state: 'volume',
      command: 'volume',
    },
    mute: {
      platform: 'switch',
      name: 'Mute',
      unless: 'fixed',
      icon: 'mdi:volume-off',
      state: 'muted',
      command: 'mute',
    },
  },
});
