import { type Announce, announce, cancelled } from './announcement.ts';
import type { Announcements } from './announcements.ts';
import type { CommandError } from './command-error.ts';
import { erased, type OwnCommand, type Settle } from './own-command.ts';
import { type PlaylistPorts, playlistNames, playlistTracks } from './playlist-tracks.ts';
import type { Clock } from './ports.ts';
import type { CloudQueues } from './queue/cloud-queues.ts';
import { type QueueWish, queueWish } from './queue/queue-wish.ts';
import { nothing } from './readers.ts';
import type { Ask } from './replies.ts';
import type { RoomTimers } from './room-timers.ts';
import type { Household, Room } from './state.ts';
import { createTimerCommands, TIMER_COMMANDS } from './timer-commands.ts';

export type { OwnCommand, Perform, Settle } from './own-command.ts';

/** What the own commands need. */
export interface OwnPorts extends PlaylistPorts {
  readonly announcements: Announcements;
  readonly queues: CloudQueues;
  readonly settle: Settle;
  readonly obstacle: (household: string) => CommandError | null;
  /** Reads the room's state again; what went wrong, or null. */
  readonly refresh: (household: string, playerId: string) => Promise<CommandError | null>;
  readonly clock: Clock;
  readonly timers: RoomTimers;
}

/** The commands of rooms that are not rows of the table, by name: what they do and take. */
export const OWN_COMMANDS = {
  announce: {
    describe: 'Says a text, or plays a sound or a chime, over the music of the room; one after another.',
    value: announce,
  },
  cancel: {
    describe: 'Ends an announcement of the room, or all of them; what is not heard yet never will be.',
    value: cancelled,
  },
  refresh: { describe: "Reads the room's state again.", value: nothing },
  playlist_tracks: {
    describe: 'Tells the tracks of a Sonos playlist, at most 100, in the `result` of its answer.',
    value: playlistNames,
  },
  queue: {
    describe:
      'Plays audio files from URLs, a folder or a playlist, one after another; or changes what is played so.',
    value: queueWish,
  },
  ...TIMER_COMMANDS,
} as const;

const noRooms = (): readonly string[] => [];

function refresh({ obstacle, refresh: read, settle }: OwnPorts): OwnCommand<null> {
  async function reread(household: Household, room: Room, ask: Ask): Promise<void> {
    const error = await read(household.id, room.playerId);
    if (error === null) settle(ask, 'confirmed');
    else settle(ask, 'failed', { error });
  }
  return {
    ...OWN_COMMANDS.refresh,
    rooms: noRooms,
    objection: (household) => obstacle(household.id),
    run(household, _value, asks) {
      for (const [room, ask] of asks) {
        settle(ask, 'accepted');
        void reread(household, room, ask);
      }
    },
  };
}

const announcing = ({ announcements }: OwnPorts): OwnCommand<Announce> => ({
  ...OWN_COMMANDS.announce,
  rooms: (value) => value.rooms,
  objection: (household, room, value) => announcements.objection(household, room, value.announcement),
  run: (household, value, asks) => announcements.take(household, value.announcement, asks),
});

const cancel = ({ announcements, settle }: OwnPorts): OwnCommand<string | null> => ({
  ...OWN_COMMANDS.cancel,
  rooms: noRooms,
  objection: () => null,
  run(household, id, asks) {
    for (const [room, ask] of asks) {
      settle(ask, 'accepted');
      announcements.cancel(household, room, id);
      settle(ask, 'confirmed');
    }
  },
});

const queue = ({ queues, obstacle }: OwnPorts): OwnCommand<QueueWish> => ({
  ...OWN_COMMANDS.queue,
  rooms: noRooms,
  objection: (household, _room, wish) => obstacle(household.id) ?? queues.objection(wish),
  run: (household, wish, asks) => queues.take(household, wish, asks),
});

/** Makes them. */
export const createOwnCommands = (ports: OwnPorts): ReadonlyMap<string, OwnCommand> =>
  new Map<keyof typeof OWN_COMMANDS, OwnCommand>([
    ['announce', erased(announcing(ports))],
    ['cancel', erased(cancel(ports))],
    ['refresh', erased(refresh(ports))],
    ['playlist_tracks', erased({ ...OWN_COMMANDS.playlist_tracks, ...playlistTracks(ports) })],
    ['queue', erased(queue(ports))],
    ...createTimerCommands(ports),
  ]);
