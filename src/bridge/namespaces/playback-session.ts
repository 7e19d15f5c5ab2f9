import { z } from 'zod';
import { maybe } from '../lenient.ts';
import type { Session, SessionPurpose } from '../session.ts';
import { answered, defineNamespace, on } from './define.ts';
import { stream } from './stream.ts';

/** The body of a `sessionInfo` event (docs.sonos.com, "playbackSession"). */
const sessionInfoBody = z.object({ suspended: z.boolean() });

/** The body of a `sessionError` event. */
const sessionErrorBody = z.object({ errorCode: z.string(), reason: maybe(z.string()) });

const sessionEvicted = z
  .object({
    event_type: z.literal('session_evicted'),
    purpose: z.enum(['stream', 'queue']).describe('What the bridge had it for.'),
    code: z.string().describe("Sonos' word for it."),
    reason: z.string().nullable(),
  })
  .describe(
    "What the bridge played on the room's group is over: another app took the group over, or another source was chosen.",
  )
  .meta({
    examples: [
      {
        ...{ event_type: 'session_evicted', purpose: 'stream', code: 'ERROR_SESSION_EVICTED' },
        reason: 'Another user joined the session.',
      },
    ],
  });

/** So long after a command of ours that chose another source, the end of a session is put down to it. */
const OWN_DOING_MS = 30_000;

const evicted = (
  body: z.output<typeof sessionErrorBody>,
  session: Session | null,
  at: number,
): z.output<typeof sessionEvicted>[] =>
  session === null || at - (session.leftAt ?? Number.NEGATIVE_INFINITY) < OWN_DOING_MS
    ? []
    : [
        {
          ...{ event_type: 'session_evicted', purpose: session.purpose },
          ...{ code: body.errorCode, reason: body.reason },
        },
      ];

/**
 * The bridge's own holds on groups, through which streams and queues play (docs.sonos.com, "playbackSession"). One begins with
 * the answer to `createSession`; whatever Sonos reports as its error is its end.
 */
export const playbackSession = defineNamespace<Session>({
  name: 'playbackSession',
  target: 'session',
  events: {
    sessionInfo: on<Session, typeof sessionInfoBody>(
      sessionInfoBody,
      ({ suspended }, earlier) => earlier && { ...earlier, suspended },
    ),
    sessionError: on<Session, typeof sessionErrorBody>(sessionErrorBody, () => null, evicted),
  },
  answers: {
    began: answered<Session, Pick<Session, 'group' | 'purpose'>>((body) => ({ ...body, suspended: false })),
    loaded: answered<Session, { readonly purpose: SessionPurpose }>(
      ({ purpose }, earlier) => earlier && { group: earlier.group, purpose, suspended: false },
    ),
    left: answered<Session, unknown>((_body, earlier, at) => earlier && { ...earlier, leftAt: at }),
    gone: answered<Session, unknown>(() => null),
  },
  commands: { stream },
  happenings: { session_evicted: sessionEvicted },
});
