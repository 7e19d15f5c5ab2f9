import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../bridge/ports.ts';
import { createPathTest, queryOf } from './paths.ts';

/** Where the login of Sonos sends people back to. */
export interface Redirect {
  readonly path: string;
  /** Finishes the login; the query is the internet's, and the page is all that the person sees. */
  readonly handle: (query: URLSearchParams) => Promise<{ readonly status: number; readonly html: string }>;
  /** Names the style that stands in the page, for its Content-Security-Policy. */
  readonly styleSource: string;
}

const PAGE_HEADERS = {
  'Cache-Control': 'no-store',
  // The address holds the one-time code of the login.
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** GET alone: a HEAD, which some mail programs send ahead, must not use up the one-time code. */
function redirectPage(redirect: Redirect): RequestHandler {
  const isRedirect = createPathTest(redirect.path);
  const policy = `default-src 'none'; style-src ${redirect.styleSource}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const headers = { 'Content-Security-Policy': policy, ...PAGE_HEADERS };
  return async (request, response, next) => {
    if (request.method !== 'GET' || !isRedirect(request.url)) {
      next();
      return;
    }
    const { status, html } = await redirect.handle(queryOf(request.url));
    response.status(status).set(headers).type('html').send(html);
  };
}

const nothingHere: RequestHandler = (_request, response) => {
  response.status(404).set('Content-Length', '0').end();
};

/** What failed and where, without the message: that may quote the one-time code. */
const placeOf = (error: unknown): string =>
  error instanceof Error
    ? [error.name, ...(error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))].join('\n')
    : typeof error;

function failed(log: Log): ErrorRequestHandler {
  // The four parameters are how Express knows it for an error handler.
  return (error: unknown, _request, response, _next) => {
    log.error('The login page failed. Start the login again.', { at: placeOf(error) });
    response.status(500).set('Content-Length', '0').end();
  };
}

/** Creates what answers beside the event path: the login redirect, when there is one, and 404 for everything else. */
export function createRedirectApp(redirect: Redirect | null, log: Log): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  if (redirect !== null) app.use(redirectPage(redirect));
  app.use(nothingHere);
  app.use(failed(log));
  return app;
}
