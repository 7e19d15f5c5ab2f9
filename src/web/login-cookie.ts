import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../bridge/ports.ts';

/** Binds the one-time state of a login to the browser that started it. */
export interface LoginCookie {
  /** The Set-Cookie header for a login that starts. */
  set(state: string): string;
  /** Whether the Cookie header of a request belongs to this state. */
  matches(header: string | undefined, state: string): boolean;
  /** The Set-Cookie header for a login that is over. */
  readonly clear: string;
}

const NAME = 'sonos_login';
// Lax: the redirect comes from Sonos' site, and a strict cookie would stay behind. Without Secure, which plain http
// would not keep; so the name cannot have the `__Host-` prefix, though the cookie keeps to its other rules.
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax';
const LIFETIME_SECONDS = 600;

/**
 * Creates the binding. The cookie holds a keyed digest, since every other server on this host gets to see it: cookies
 * know no ports.
 */
export function createLoginCookie(random: Random): LoginCookie {
  const key = random.id();
  const keyed = (state: string): string => createHmac('sha256', key).update(state).digest('base64url');
  return {
    set: (state) => `${NAME}=${keyed(state)}; Max-Age=${LIFETIME_SECONDS}; ${ATTRIBUTES}`,
    matches: (header, state) => {
      const expected = Buffer.from(`${NAME}=${keyed(state)}`);
      return (header ?? '').split(';').some((pair) => {
        const given = Buffer.from(pair.trim());
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
    },
    clear: `${NAME}=; Max-Age=0; ${ATTRIBUTES}`,
  };
}
