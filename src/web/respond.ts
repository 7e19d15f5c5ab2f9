import type { RequestHandler, Response } from 'express';
import { closingUnread } from '../events/answer.ts';
import { refuse } from './api/routes.ts';
import { messagePage, type Page } from './message-page.ts';
import { STYLE_SOURCE } from './style.ts';

/** Headers of every answer, whatever it is. Pages use what is served here and nothing else; no other site may show, open or read one. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self' ${STYLE_SOURCE}; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  // For browsers that do not know `frame-ancestors`.
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy':
    'accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Sets the headers that every answer has. A connection takes nothing more after a body, which may be left unread. */
export const setHeaders: RequestHandler = (request, response, next) => {
  response.set({ ...HEADERS, ...closingUnread(request) });
  next();
};

/** Lets pages of the same origin show this answer in a frame, as Home Assistant does. */
export function framedBySameOrigin(response: Response): void {
  const policy = HEADERS['Content-Security-Policy'] ?? '';
  response.set('Content-Security-Policy', policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
  response.set('X-Frame-Options', 'SAMEORIGIN');
}

/**
 * The pages name addresses from the root on. Sent, they are named from where the browser is, so that they also hold
 * below a path that a proxy has put in front. What others have written is escaped, so the quotation marks are ours.
 */
function relative(html: string, address: string): string {
  const depth = (address.split('?')[0] ?? '').split('/').length - 2;
  return html.replaceAll(/ (href|action)="\//g, ` $1="${'../'.repeat(Math.max(0, depth)) || './'}`);
}

/** Sends a page. */
export function sendPage(response: Response, { status, html }: Page): void {
  response.status(status).type('html').send(relative(html, response.req.originalUrl));
}

/** Whether the API was asked, whose refusals are JSON. */
export const isApi = (response: Response): boolean => /^\/api(\/|$|\?)/.test(response.req.originalUrl);

/** Refuses: on a page that leads back to `home` unless that is null, or as JSON where the API was asked. */
export function sendNo(
  response: Response,
  status: number,
  code: string,
  title: string,
  message: string,
  home: string | null = '/',
): void {
  if (isApi(response)) refuse(response, status, code, `${title}.`, message);
  else sendPage(response, messagePage(status, title, message, home));
}

/** Sends the browser to another address, with GET. */
export function sendTo(response: Response, status: 302 | 303, address: string): void {
  response.status(status).set('Location', address).end();
}

const notThisWay = (response: Response): void =>
  sendNo(
    response,
    405,
    'method_not_allowed',
    'Not this way',
    'This address cannot be asked in this way. Start from the bridge’s page.',
  );

/** Answers by method, and 405 to any that is not there, by `refused` when that is given. */
export function byMethod(
  handlers: Readonly<Record<string, RequestHandler>>,
  refused: (response: Response, allowed: string) => void = notThisWay,
): RequestHandler {
  const known = new Map(Object.entries(handlers));
  return (request, response, next) => {
    const handler = known.get(request.method);
    if (handler !== undefined) {
      // Handed on, so that Express takes care of one that fails later.
      return handler(request, response, next);
    }
    const allowed = [...known.keys()].join(', ');
    response.set('Allow', allowed);
    return refused(response, allowed);
  };
}

/** Answers GET, and HEAD in the same way. */
export const reading = (handler: RequestHandler): RequestHandler => byMethod({ GET: handler, HEAD: handler });
