import type { RequestHandler } from 'express';
import { refusalOf } from '../events/refusal.ts';
import { judgeSite } from './cross-site.ts';
import { createHostTest } from './host-names.ts';
import { sendNo } from './respond.ts';

/** Answers nothing that a proxy may read in another way than Node does: 400 or 505. */
export const guardReading: RequestHandler = (request, response, next) => {
  const status = refusalOf(request);
  if (status === null) return next();
  response.set('Connection', 'close');
  const message = 'This request can be read in more than one way. Does a reverse proxy change requests?';
  sendNo(response, status, 'ambiguous', 'Not in this form', message, null);
};

/** Answers only to names that no page elsewhere can point here: 421 otherwise. */
export function guardHost(names: readonly string[]): RequestHandler {
  const isOurs = createHostTest(names);
  return (request, response, next) => {
    if (isOurs(request.headers.host)) return next();
    sendNo(
      response,
      421,
      'wrong_host',
      'Not under this name',
      'The bridge does not answer to this name, because a page elsewhere could use it to get in. Open the bridge by the IP address of its machine, by localhost on that machine itself, or add the name to web.allowed_hosts.',
      null,
    );
  };
}

/** Refuses what a page elsewhere makes a browser send: 403. */
export const guardSite: RequestHandler = (request, response, next) => {
  switch (judgeSite(request.method, request.headers)) {
    case 'ours':
      return next();
    case 'another_origin':
      return sendNo(
        response,
        403,
        'another_site',
        'Not from another page',
        'This request does not come from the bridge’s own page. If it does and a reverse proxy stands in between, let the proxy pass the Host header on unchanged.',
      );
    case 'another_site':
    case 'embedded':
      return sendNo(
        response,
        403,
        'another_site',
        'Not from another page',
        'Another site asked for this address. Open the bridge’s page itself.',
      );
  }
};
