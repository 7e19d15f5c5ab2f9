import { z } from 'zod';
import type { Clock, Random } from '../../bridge/ports.ts';
import { digestOf } from './digest.ts';
import type { Kept } from './kept.ts';
import type { PasswordVerifier } from './password-verifier.ts';
import { NO_SESSION_COOKIE, SESSION_MS, sessionCookie, sessionIds } from './session-cookie.ts';

const moment = z.number();
const sessionSchema = z.object({
  /** Of the id in force. */
  digest: z.string(),
  renewed: moment,
  used: moment,
  /** Of the id before; good until the moment, or, while that is null, until the new one has come back. */
  before: z.object({ digest: z.string(), until: moment.nullable() }).nullable(),
});
type Session = z.output<typeof sessionSchema>;

/** What is remembered of sessions: nothing that opens one. Moments are milliseconds since 1970. */
export const sessionsSchema = z.object({
  /** The hash of the password under which they were opened. */
  password: z.string().nullable(),
  sessions: z.array(sessionSchema),
});

/** See `sessionsSchema`. */
export type SessionsRecord = z.output<typeof sessionsSchema>;

/** Nobody has signed in yet. */
export const noSessions: SessionsRecord = { password: null, sessions: [] };

/** The sessions of people who have typed the password. */
export interface Sessions {
  /** Opens one, with an id that nobody had before, in place of those of the Cookie header; the Set-Cookie header. */
  open(cookies: string | undefined): Promise<string>;
  /** The session of a Cookie header, and the Set-Cookie header when its id is to be another; null when there is none. */
  find(cookies: string | undefined): Promise<{ readonly cookie: string | null } | null>;
  /** Ends the session of a Cookie header, or every one; the Set-Cookie header. */
  end(cookies: string | undefined): Promise<string>;
  endAll(): Promise<string>;
}

/** What sessions need. */
export interface SessionsOptions {
  readonly memory: Kept<SessionsRecord>;
  readonly verifier: PasswordVerifier;
  readonly clock: Clock;
  readonly random: Random;
}

const MOST = 50;
const RENEW_MS = 86_400_000;
const GRACE_MS = 60_000;
/** How exact it is remembered when a session was used last; each time costs a write. */
const USED_MS = 3_600_000;

/** What a session becomes when one of its ids comes; null when that is its end. */
type Turn = { readonly session: Session; readonly id: string | null } | null;

function renewed(before: string, now: number, random: Random): Turn {
  const id = random.id();
  return {
    id,
    session: { digest: digestOf(id), renewed: now, used: now, before: { digest: before, until: null } },
  };
}

function turnOf(session: Session, digest: string, now: number, random: Random): Turn {
  const { before } = session;
  if (session.digest === digest) {
    const confirmed =
      before?.until === null ? { ...session, before: { ...before, until: now + GRACE_MS } } : session;
    if (now - session.renewed >= RENEW_MS) return renewed(digest, now, random);
    return { session: now - session.used >= USED_MS ? { ...confirmed, used: now } : confirmed, id: null };
  }
  // The answer that brought the new id was lost; a younger one may still be on its way, with what was asked beside it.
  if (before?.until === null) {
    return now - session.renewed > GRACE_MS ? renewed(digest, now, random) : { session, id: null };
  }
  // An id that was given up long ago: somebody has a copy, and nobody can tell who of the two is the person.
  return now < (before?.until ?? 0) ? { session, id: null } : null;
}

/**
 * Creates the sessions. Ids change daily while they are used, and what is kept are digests. They end after thirty days of rest, and all
 * of them when the password is another one than that under which they were opened.
 */
export function createSessions({ memory, verifier, clock, random }: SessionsOptions): Sessions {
  /** The store tells the log what it could not write; meanwhile memory counts. */
  const keep = (sessions: readonly Session[], password = memory.value.password): void => {
    memory.save({ password, sessions: [...sessions] }).catch(() => {});
  };

  async function current(): Promise<readonly Session[]> {
    const password = await verifier.inForce();
    if (memory.value.password !== password) keep([], password);
    const now = clock.now();
    return memory.value.sessions.filter(({ used }) => now - used < SESSION_MS);
  }

  const has = ({ digest, before }: Session, digests: readonly string[]): boolean =>
    digests.includes(digest) || (before !== null && digests.includes(before.digest));

  function take(sessions: readonly Session[], digest: string): Turn {
    const session = sessions.find((each) => has(each, [digest]));
    if (session === undefined) return null;
    const turn = turnOf(session, digest, clock.now(), random);
    if (turn?.session === session) return turn;
    keep(sessions.flatMap((each) => (each !== session ? [each] : turn === null ? [] : [turn.session])));
    return turn;
  }

  async function without(cookies: string | undefined): Promise<readonly Session[]> {
    const digests = sessionIds(cookies).map(digestOf);
    return (await current()).filter((session) => !has(session, digests));
  }

  return {
    open: async (cookies) => {
      const others = [...(await without(cookies))].sort((a, b) => b.used - a.used).slice(0, MOST - 1);
      const id = random.id();
      const now = clock.now();
      keep([...others, { digest: digestOf(id), renewed: now, used: now, before: null }]);
      return sessionCookie(id);
    },
    find: async (cookies) => {
      const ids = sessionIds(cookies);
      if (ids.length === 0) return null;
      await current();
      for (const id of ids) {
        const turn = take(await current(), digestOf(id));
        if (turn !== null) return { cookie: turn.id === null ? null : sessionCookie(turn.id) };
      }
      return null;
    },
    end: async (cookies) => {
      if (sessionIds(cookies).length > 0) keep(await without(cookies));
      return NO_SESSION_COOKIE;
    },
    endAll: async () => {
      await current();
      keep([]);
      return NO_SESSION_COOKIE;
    },
  };
}
