const NAME = 'sonos_session';
/** Another server on this host may set cookies of our name, and must not push ours out of sight. */
const MOST_TRIED = 4;

/** How long a session lasts that nobody uses, in milliseconds. */
export const SESSION_MS = 30 * 86_400_000;

// Without Secure: plain http would not keep it, and whether a proxy in front speaks https, only a header says that anybody
// may send. For the same reason the name cannot have the `__Host-` prefix, though the cookie keeps to its other rules.
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** The Set-Cookie header that hands a session to a browser. */
export const sessionCookie = (id: string): string =>
  `${NAME}=${id}; Max-Age=${SESSION_MS / 1000}; ${ATTRIBUTES}`;

/** The Set-Cookie header that takes it away. */
export const NO_SESSION_COOKIE = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;

/** The ids that a Cookie header holds, a few at most. */
export function sessionIds(header: string | undefined): readonly string[] {
  const ids = (header ?? '').split(';').flatMap((pair) => {
    const [, id] = /^\s*sonos_session=([A-Za-z0-9_-]{20,64})\s*$/.exec(pair) ?? [];
    return id === undefined ? [] : [id];
  });
  return [...new Set(ids)].slice(0, MOST_TRIED);
}
