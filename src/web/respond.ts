import type { RequestHandler, Response } from 'express';
import { closingUnread } from '../events/answer.ts';
import { messagePage, type Page } from './message-page.ts';

/** Headers of every answer, whatever it is. Pages use what is served here and nothing else; no other site may show, open or read one. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
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

/** Sends a page whose forms come back here. */
export function sendFormPage(response: Response, page: Page): void {
  // Under `no-referrer` browsers say `Origin: null` when they post (Fetch, "append a request Origin header"), and
  // that could not be told from another site's form.
  response.set('Referrer-Policy', 'same-origin');
  sendPage(response, page);
}

/** Sends a page that says one thing and leads back. */
export function sendMessage(response: Response, status: number, title: string, message: string): void {
  sendPage(response, messagePage(status, title, message, '/'));
}

/** Sends the browser to another address, with GET. */
export function sendTo(response: Response, status: 302 | 303, address: string): void {
  response.status(status).set('Location', address).end();
}

/** Answers by method, and 405 to any that is not there. */
export function byMethod(handlers: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const known = new Map(Object.entries(handlers));
  return (request, response, next) => {
    const handler = known.get(request.method);
    if (handler !== undefined) {
      // Handed on, so that Express takes care of one that fails later.
      return handler(request, response, next);
    }
    response.set('Allow', [...known.keys()].join(', '));
    return sendMessage(
      response,
      405,
      'Not this way',
      'This address cannot be asked in this way. Start from the bridge’s page.',
    );
  };
}

/** Answers GET, and HEAD in the same way. */
export const reading = (handler: RequestHandler): RequestHandler => byMethod({ GET: handler, HEAD: handler });
