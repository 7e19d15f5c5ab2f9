import type { RequestHandler } from 'express';
import { refusalOf } from '../events/refusal.ts';
import { judgeSite } from './cross-site.ts';
import { createHostTest } from './host-names.ts';
import { messagePage } from './message-page.ts';
import type { Doorkeeper } from './password.ts';
import { sendMessage, sendPage } from './respond.ts';

/** Answers nothing that a proxy may read in another way than Node does: 400 or 505. */
export const guardReading: RequestHandler = (request, response, next) => {
  const status = refusalOf(request);
  if (status === null) return next();
  response.set('Connection', 'close');
  const message = 'This request can be read in more than one way. Does a reverse proxy change requests?';
  sendPage(response, messagePage(status, 'Not in this form', message, null));
};

/** Answers only to names that no page elsewhere can point here: 421 otherwise. */
export function guardHost(names: readonly string[]): RequestHandler {
  const isOurs = createHostTest(names);
  return (request, response, next) => {
    if (isOurs(request.headers.host)) return next();
    const page = messagePage(
      421,
      'Not under this name',
      'The bridge does not answer to this name, because a page elsewhere could use it to get in. Open the bridge by the IP address of its machine, by localhost on that machine itself, or add the name to web.allowed_hosts.',
      null,
    );
    sendPage(response, page);
  };
}

/** Refuses what a page elsewhere makes a browser send: 403. */
export const guardSite: RequestHandler = (request, response, next) => {
  switch (judgeSite(request.method, request.headers)) {
    case 'ours':
      return next();
    case 'another_origin':
      return sendMessage(
        response,
        403,
        'Not from another page',
        'This request does not come from the bridge’s own page. If it does and a reverse proxy stands in between, let the proxy pass the Host header on unchanged.',
      );
    case 'another_site':
    case 'embedded':
      return sendMessage(
        response,
        403,
        'Not from another page',
        'Another site asked for this address. Open the bridge’s page itself.',
      );
  }
};

/** Lets in who knows the password: 401 otherwise, and 429 after too many wrong ones. */
export function guardPassword(judge: Doorkeeper): RequestHandler {
  return (request, response, next) => {
    const admission = judge(request.headers.authorization, request.socket.remoteAddress ?? '');
    if (admission.kind === 'admitted') return next();
    if (admission.kind === 'too_many_guesses') {
      const seconds = admission.retryAfterSeconds;
      response.set('Retry-After', String(seconds));
      const wait = `There were too many wrong passwords. Try again in ${seconds} s.`;
      return sendPage(response, messagePage(429, 'Too many tries', wait, '/'));
    }
    response.set('WWW-Authenticate', 'Basic realm="sonos-mqtt-bridge", charset="UTF-8"');
    const message =
      'The password is the one that web.password has in the bridge’s settings; any user name will do.';
    return sendPage(response, messagePage(401, 'A password is needed', message, '/'));
  };
}
