import { z } from 'zod';
import { commandError } from '../command-error.ts';
import { type CommandSpec, defineCommand, type Evidence, type Witness } from '../command-spec.ts';
import { type PlaybackError, playbackAt } from '../namespaces/playback-slice.ts';
import type { Reader } from '../readers.ts';
import { err, ok } from '../result.ts';
import { sessionOn } from '../session.ts';
import { createSession, loadCloudQueue, refreshCloudQueue, suspend } from '../session-calls.ts';
import type { Seat } from '../state.ts';
import { placeOf } from './queue.ts';
import type { QueueRecord } from './queue-record.ts';

/** The group plays something else. */
export const NO_QUEUE = commandError(
  'not_capable',
  'The group of this room plays no queue of the bridge.',
  'Begin one: send "queue" with the action "play".',
);

/** The queue is made by the house, and never read from a payload. */
const made: Reader<QueueRecord> = {
  name: '',
  schema: z.never(),
  read: () => err({ message: 'A queue is made by the house.', advice: 'Send "queue".' }),
};

const common = { aim: 'group', value: made, reads: ['playback', 'playbackMetadata'] } as const;

const failed = ({ code, reason }: PlaybackError) => ({
  ...commandError(
    'sonos_error',
    `The room cannot play it: ${reason === null ? code : `${code}: ${reason}`}.`,
    'The speakers fetch queue and files themselves; the trace shows what they asked for, and what they got.',
  ),
  sonos: { status: null, error_code: code, reason },
});

/** Its item plays, or the player came for it and nothing is known of the room; one that falls silent with an error has failed. */
function evidence({ value: { queue, told }, before, now }: Witness<QueueRecord>): Evidence {
  const [was, is] = [playbackAt(before), playbackAt(now)];
  if (is === null) return told > 0 ? 'seen' : 'not_yet';
  if (is.state === 'playing' && (is.itemId === null ? told > 0 : placeOf(queue, is.itemId) !== -1))
    return 'seen';
  // An item that is missing is passed over: only the end of it all counts.
  return is.state === 'idle' && is.error !== null && is.error !== was?.error ? failed(is.error) : 'not_yet';
}

/** The session that plays the queue; null when the room's group is in another one, or in none. */
function heldBy({ session }: QueueRecord, { household, group }: Seat): string | null {
  return group !== null && sessionOn(household.sessions, group.id) === session ? session : null;
}

/** Takes the group over and has it play a queue. */
export const loadQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Has the group play a queue.',
  plan: (record, seat) => {
    record.group = seat.group?.id ?? '';
    return createSession(seat, 'queue', (session) => {
      const { address, queue } = record;
      record.session = session;
      record.told = 0;
      return loadCloudQueue(session, {
        queueBaseUrl: address.baseUrl,
        ...(address.authorization === null ? {} : { httpAuthorization: address.authorization }),
        itemId: queue.items[0]?.id ?? '',
        queueVersion: String(queue.version),
        playOnCompletion: true,
      });
    });
  },
  seen: evidence,
});

/** Has the player look at the queue anew. */
export const refreshQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Has the group take over what changed in its queue.',
  plan: (record, seat) => {
    const session = heldBy(record, seat);
    return session === null ? err(NO_QUEUE) : ok(refreshCloudQueue(session));
  },
  seen: ({ value: { queue, told } }) => (told >= queue.version ? 'seen' : 'not_yet'),
});

/** Ends the music of a queue. */
export const suspendQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Ends the music of the queue.',
  plan: (record, seat) => {
    const session = heldBy(record, seat);
    return ok(session === null ? null : suspend(session, String(record.queue.version)));
  },
  seen: ({ now }) => {
    const state = playbackAt(now)?.state ?? null;
    return state === 'idle' || state === 'paused' ? 'seen' : 'not_yet';
  },
});
