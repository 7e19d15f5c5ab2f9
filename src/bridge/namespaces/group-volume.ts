import { z } from 'zod';
import { groupPath } from '../paths.ts';
import { ok } from '../result.ts';
import { groupPathOf } from '../seat-group.ts';
import { muteCommand, type VolumeTarget, volumeCommand } from '../volume-command.ts';
import { defineNamespace, on, roomPart } from './define.ts';
import { fixedGroup, refusedGroup } from './fixed-volume.ts';
import { rememberVolume, type Volume, volumeBody } from './volume.ts';

const roomSchema = z.object({
  group: z
    .object({
      volume: z.int().min(0).max(100).nullable(),
      muted: z.boolean().nullable(),
      fixed: z
        .boolean()
        .nullable()
        .describe('Whether all of its rooms are line-outs whose volume cannot be set.'),
    })
    .nullable(),
});

const target: VolumeTarget = {
  whose: "the room's group",
  aim: 'group',
  namespace: 'groupVolume',
  path: (seat) => {
    const path = groupPathOf(seat);
    return path.ok ? ok(`${path.value}/groupVolume`) : path;
  },
  fixed: fixedGroup,
  refused: refusedGroup,
  known: (seat) => (seat.group && groupVolume.slice(seat.household.groups.get(seat.group.id))) ?? null,
};

/** The volume of a group: the average of its players (docs.sonos.com, "groupVolume"). */
export const groupVolume = defineNamespace<Volume>({
  name: 'groupVolume',
  target: 'group',
  events: { groupVolume: on<Volume, typeof volumeBody>(volumeBody, rememberVolume) },
  snapshot: { path: (id) => `${groupPath(id)}/groupVolume`, type: 'groupVolume' },
  room: roomPart(roomSchema, (slice, seat) => ({
    group: seat.group && {
      volume: slice?.volume ?? null,
      muted: slice?.muted ?? null,
      fixed: slice?.fixed ?? null,
    },
  })),
  attributes: { group_volume: 'group.volume', group_muted: 'group.muted' },
  commands: { group_volume: volumeCommand(target), group_mute: muteCommand(target) },
  entities: {
    group_volume: {
      platform: 'number',
      name: 'Group volume',
      icon: 'mdi:volume-high',
      min: 0,
      max: 100,
      unit: '%',
      state: 'group.volume',
      command: 'group_volume',
    },
    group_mute: {
      platform: 'switch',
      name: 'Group mute',
      icon: 'mdi:volume-off',
      state: 'group.muted',
      command: 'group_mute',
    },
  },
});
