import type { IncomingMessage } from 'node:http';
import type { Clock, Log, Random } from '../../bridge/ports.ts';
import { type ApiTokens, type ApiTokensRecord, createApiTokens, noApiTokens } from './api-tokens.ts';
import { createDoorkeeper, type Doorkeeper, type Judgement, readBasic } from './doorkeeper.ts';
import { inMemory, type Kept } from './kept.ts';
import { createPasswordVerifier } from './password-verifier.ts';
import { createSessions, noSessions, type Sessions, type SessionsRecord } from './sessions.ts';

/** What of all this lasts beyond a restart. */
export interface AccessMemory {
  readonly sessions: Kept<SessionsRecord>;
  readonly tokens: Kept<ApiTokensRecord>;
}

/** Who asks. */
export type Visitor =
  /** A person, or a script that knows the password. `cookie` is a Set-Cookie header, when there is one to send. */
  | { readonly kind: 'person'; readonly cookie: string | null }
  /** A script with an API token. */
  | { readonly kind: 'token' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'wrong_token' }
  | Exclude<Judgement, { readonly kind: 'right' }>;

/** Who may enter the private listener. */
export interface Access {
  /** Null when no password is asked for. */
  readonly doors: { readonly judge: Doorkeeper; readonly sessions: Sessions } | null;
  readonly tokens: ApiTokens;
  who(request: IncomingMessage): Promise<Visitor>;
}

/** What access needs. */
export interface AccessOptions {
  /** The password or its hash in PHC form; null when none is asked for. */
  readonly password: string | null;
  /** In memory alone unless given. */
  readonly memory?: AccessMemory | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Creates what knows who may enter: a session, the password by HTTP Basic, an API token, in this order. */
export function createAccess({ password, memory, clock, random, log }: AccessOptions): Access {
  const sessionsMemory = memory?.sessions ?? inMemory(noSessions);
  const tokens = createApiTokens(memory?.tokens ?? inMemory(noApiTokens), clock, random);
  const byToken = (authorization: string | undefined): Visitor | null => {
    const token = /^Bearer +(smb_[A-Za-z0-9_-]{20,80})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return null;
    return { kind: tokens.use(token) ? 'token' : 'wrong_token' };
  };
  if (password === null) {
    // Who shows a token is what that says, also where nobody would have to: one that was revoked must not seem to work.
    const who: Access['who'] = async ({ headers }) =>
      byToken(headers.authorization) ?? { kind: 'person', cookie: null };
    return { doors: null, tokens, who };
  }

  const remembered = (): string | null => sessionsMemory.value.password;
  const verifier = createPasswordVerifier({ password, remembered, random });
  const judge = createDoorkeeper({ verifier, clock, random, log });
  const sessions = createSessions({ memory: sessionsMemory, verifier, clock, random });

  return {
    doors: { judge, sessions },
    tokens,
    who: async ({ headers: { cookie, authorization }, socket }) => {
      const session = await sessions.find(cookie);
      if (session !== null) return { kind: 'person', cookie: session.cookie };
      const script = byToken(authorization);
      if (script !== null) return script;
      const given = readBasic(authorization);
      if (given === null) return { kind: 'nobody' };
      const judgement = await judge(given, socket.remoteAddress ?? '');
      return judgement.kind === 'right' ? { kind: 'person', cookie: null } : judgement;
    },
  };
}
