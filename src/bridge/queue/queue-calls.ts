import { z } from 'zod';
import { APP_ID } from '../clip.ts';
import { commandError } from '../command-error.ts';
import { type CommandSpec, defineCommand, type Plan, type Witness } from '../command-spec.ts';
import { playbackAt } from '../namespaces/playback-slice.ts';
import type { Reader } from '../readers.ts';
import { err, ok } from '../result.ts';
import { groupPathOf } from '../seat-group.ts';
import type { Json } from '../sonos.ts';
import { placeOf } from './queue.ts';
import type { QueueRecord } from './queue-record.ts';

/** The answer to createSession (docs.sonos.com, "playbackSession objects"). */
const sessionStatusBody = z.object({ sessionId: z.string().min(1) });

/** The queue is made by the house, and never read from a payload. */
const made: Reader<QueueRecord> = {
  name: '',
  schema: z.never(),
  read: () => err({ message: 'A queue is no value of a command.', advice: 'Send "queue".' }),
};

const inSession = (
  session: string | null,
  command: string,
  body: { readonly [key: string]: Json } = {},
): Plan => ({
  method: 'POST',
  path: `/playbackSessions/${encodeURIComponent(session ?? '')}/playbackSession/${command}`,
  body,
});

const load = ({ place, queue, session }: QueueRecord): Plan =>
  inSession(session, 'loadCloudQueue', {
    queueBaseUrl: place.baseUrl,
    ...(place.authorization === null ? {} : { httpAuthorization: place.authorization }),
    itemId: queue.items[0]?.id ?? '',
    queueVersion: String(queue.version),
    playOnCompletion: true,
  });

const NO_SESSION = commandError(
  'sonos_error',
  'Sonos opened a session for the queue and did not name it.',
  'Send it again.',
);

const common = { aim: 'group', value: made, reads: ['playback', 'playbackMetadata'] } as const;

/** Its item plays; or the player came for it, and the room is not silent as far as we know. */
function plays({ value: { queue, told }, now }: Witness<QueueRecord>): boolean {
  const playback = playbackAt(now);
  const isOn = playback?.state === 'playing' || playback?.state === 'buffering';
  if (isOn && placeOf(queue, playback.itemId) !== -1) return true;
  return told > 0 && (playback === null || (isOn && playback.itemId === null));
}

/** Takes the group over and has it play a queue (docs.sonos.com, "createSession", "loadCloudQueue"). */
export const loadQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Has the group play a queue.',
  plan: (record, seat) => {
    const path = groupPathOf(seat);
    if (!path.ok) return path;
    return ok({
      method: 'POST',
      path: `${path.value}/playbackSession`,
      body: { appId: APP_ID, appContext: 'queue' },
      next: (answer, { group }) => {
        const read = sessionStatusBody.safeParse(answer);
        if (!read.success) return err(NO_SESSION);
        record.session = read.data.sessionId;
        record.group = group?.id ?? null;
        record.told = 0;
        return ok(load(record));
      },
    });
  },
  seen: (witness) => (plays(witness) ? 'seen' : 'not_yet'),
});

/** Has the player look at the queue anew (docs.sonos.com, "refreshCloudQueue"). */
export const refreshQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Has the group take over what changed in its queue.',
  plan: ({ session }) => ok(inSession(session, 'refreshCloudQueue')),
  seen: ({ value: { queue, told } }) => (told >= queue.version ? 'seen' : 'not_yet'),
});

/** Ends the music of a queue (docs.sonos.com, "suspend"). */
export const suspendQueue: CommandSpec = defineCommand<QueueRecord>({
  ...common,
  describe: 'Ends the music of the queue.',
  plan: ({ session, queue }) => ok(inSession(session, 'suspend', { queueVersion: String(queue.version) })),
  seen: ({ now }) => {
    const state = playbackAt(now)?.state ?? null;
    return state === 'idle' || state === 'paused' ? 'seen' : 'not_yet';
  },
});
