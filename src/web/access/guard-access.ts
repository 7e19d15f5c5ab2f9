import type { Request, RequestHandler, Response } from 'express';
import { isApi, sendNo } from '../respond.ts';
import type { Access, Visitor } from './access.ts';

/** What scripts may do with a token: command rooms, and look on. */
function isForTokens({ method, path }: Request): boolean {
  if (method === 'POST') return /^\/api\/(rooms|households)\/./.test(path);
  return (method === 'GET' || method === 'HEAD') && /^\/api\/(live|trace)$/.test(path);
}

type Refused = Exclude<Visitor, { readonly kind: 'person' }>;
type Words = readonly [status: number, code: string, title: string, message: string];

const PASSWORD =
  'The password is the one that web.password has in the bridge’s settings; any user name will do.';

const WORDS: Readonly<Record<Exclude<Refused['kind'], 'too_many_guesses'>, Words>> = {
  nobody: [401, 'password_missing', 'A password is needed', PASSWORD],
  wrong: [401, 'password_wrong', 'This is not the password', PASSWORD],
  wrong_token: [
    401,
    'token_wrong',
    'This token is not known',
    'It was removed, or never made. Make one on the bridge’s page.',
  ],
  token: [
    403,
    'token_not_enough',
    'A token is not enough',
    'With an API token, rooms are commanded, and the live stream and the trace are read. The rest asks for the password.',
  ],
  busy: [503, 'busy', 'Too many at once', 'Many passwords are being looked at. Try again in a second.'],
};

function wordsFor(visitor: Refused): Words {
  if (visitor.kind !== 'too_many_guesses') return WORDS[visitor.kind];
  const wait = `There were too many wrong passwords. Try again in ${visitor.retryAfterSeconds} s.`;
  return [429, 'too_many_guesses', 'Too many tries', wait];
}

/** Refuses who may not enter: 401, 429, 503, or 403 for a token where none may be used. */
export function refuseVisitor(response: Response, visitor: Refused): void {
  const [status, ...words] = wordsFor(visitor);
  if (status === 401) {
    // Browsers ask people by themselves when they hear of Basic, which the page does better.
    const scheme = isApi(response) ? 'Bearer' : 'Basic';
    const charset = scheme === 'Basic' ? ', charset="UTF-8"' : '';
    response.set('WWW-Authenticate', `${scheme} realm="sonos-mqtt-bridge"${charset}`);
  }
  if (visitor.kind === 'too_many_guesses') response.set('Retry-After', String(visitor.retryAfterSeconds));
  if (visitor.kind === 'busy') response.set('Retry-After', '1');
  sendNo(response, status, ...words);
}

/** Lets in who may enter, and refuses everybody else. */
export function guardAccess(access: Access): RequestHandler {
  return async (request, response, next) => {
    const visitor = await access.who(request);
    if (visitor.kind === 'person') {
      if (visitor.cookie !== null) response.set('Set-Cookie', visitor.cookie);
      return next();
    }
    if (visitor.kind === 'token' && isForTokens(request)) return next();
    return refuseVisitor(response, visitor);
  };
}
