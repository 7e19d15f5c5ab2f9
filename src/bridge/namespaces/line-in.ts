import { z } from 'zod';
import { withoutCapability } from '../capability.ts';
import type { CommandError } from '../command-error.ts';
import { defineCommand } from '../command-spec.ts';
import type { Raw, Reader } from '../readers.ts';
import { err, ok, type Result } from '../result.ts';
import { readRoom } from '../room-name.ts';
import { groupPathOf } from '../seat-group.ts';
import { leavingSession } from '../session-calls.ts';
import { type Seat, seatOf } from '../state.ts';
import { offline, oneRoom } from './grouping.ts';
import { metadataAt } from './playback-slice.ts';

const isEmpty = (raw: Raw): boolean =>
  raw.kind === 'text'
    ? ['', '""', 'null'].includes(raw.text.trim())
    : raw.value === undefined || raw.value === null || raw.value === '';

const roomOrNone: Reader<string | null> = {
  name: 'empty, or a room with line-in',
  schema: z.union([z.string(), z.null()]).meta({ examples: ['', 'office'] }),
  read: (raw) => (isEmpty(raw) ? ok(null) : oneRoom.read(raw)),
};

/** The room whose socket is meant: the one that is named, or the one that was told. */
function sourceOf(seat: Seat, name: string | null): Result<Seat, CommandError> {
  if (name === null) return ok(seat);
  const room = readRoom(seat.household, name);
  if (!room.ok) return room;
  const other = seatOf(seat.household, room.value.playerId);
  return other === null ? err(offline(room.value.address)) : ok(other);
}

/** The room's group plays what comes in at a player with line-in (docs.sonos.com, "loadLineIn"). */
export const lineIn = defineCommand<string | null>({
  describe: "Plays the line-in of this room or of another one on the room's group.",
  value: roomOrNone,
  aim: 'group',
  reads: ['playbackMetadata'],
  plan: (name, seat) => {
    const source = sourceOf(seat, name);
    if (!source.ok) return source;
    const { room, player } = source.value;
    const error = withoutCapability(source.value, 'LINE_IN', `"${room.address}" cannot offer a line-in.`);
    if (error !== null) return err(error);
    const path = groupPathOf(seat);
    if (!path.ok) return path;
    const body = { deviceId: player.id, playOnCompletion: true };
    return ok({ method: 'POST', path: `${path.value}/playback/lineIn`, body, ...leavingSession(seat) });
  },
  seen: ({ now }) => (metadataAt(now)?.source.kind === 'line_in' ? 'seen' : 'not_yet'),
});
