import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../bridge/ports.ts';
import { createAccess } from './access/access.ts';
import { guardAccess } from './access/guard-access.ts';
import { accountRoutes } from './api/accounts.ts';
import { loginRoutes } from './api/login.ts';
import { apiRoutes } from './api/routes.ts';
import { sessionRoutes } from './api/session.ts';
import { tokenRoutes } from './api/tokens.ts';
import { guardHost, guardReading, guardSite } from './guard.ts';
import { liveRoute, metricsRoute, readyRoute } from './health-routes.ts';
import { httpApi } from './http-api/route.ts';
import { guardIngress } from './ingress.ts';
import { createLoginCookie } from './login-cookie.ts';
import { loginReturn, loginStart, pageStart } from './login-routes.ts';
import type { PrivateListenerOptions } from './options.ts';
import { pageFiles } from './page-files.ts';
import { sendNo, setHeaders } from './respond.ts';

const nothingHere: RequestHandler = (_request, response) => {
  sendNo(response, 404, 'not_found', 'Nothing is here', 'The bridge has no page at this address.');
};

/** What failed and where, without the message: that may quote what somebody has sent. */
const placeOf = (error: unknown): string =>
  error instanceof Error
    ? [error.name, ...(error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))].join('\n')
    : typeof error;

function failed(log: Log): ErrorRequestHandler {
  // The four parameters are how Express knows it for an error handler.
  return (error: unknown, request, response, _next) => {
    log.error('A page of the private listener failed. Please report this with the place where it happened.', {
      method: request.method,
      at: placeOf(error),
    });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendNo(response, 500, 'failed', 'This did not work', 'The bridge made a mistake; its log says where.');
  };
}

/** Creates what the private listener answers, in the order in which a request meets it. */
export function createApp(options: PrivateListenerOptions): RequestListener {
  const { host, allowedHosts, ingressFrom, password, clock, random, log } = options;
  const cookie = createLoginCookie(random);
  const access = createAccess({ password, memory: options.access, clock, random, log });
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.enable('case sensitive routing').enable('strict routing');

  const guardDoor =
    ingressFrom === undefined ? guardHost([host, ...allowedHosts]) : guardIngress(ingressFrom);
  app.use(setHeaders, guardReading, guardDoor, guardSite);
  app.use(loginReturn(options, cookie));
  app.all('/health/live', liveRoute);
  // What shows itself to anybody: the page without what is in it, and how it is entered.
  if (password !== null && ingressFrom === undefined) app.get('/', pageStart(options));
  app.use(pageFiles());
  app.use('/api', sessionRoutes(options, access));
  app.use(guardAccess(access));
  const ours = [
    tokenRoutes(access.tokens, options.entryEnded),
    loginRoutes(options.login),
    accountRoutes(options),
  ];
  app.use('/api', apiRoutes([...ours, ...(options.api ?? [])]));
  app.all('/login', loginStart(options, cookie));
  app.all('/health/ready', readyRoute(options));
  app.all('/metrics', metricsRoute(options));
  // After our own pages, so that no room can be called like one of them and take its place.
  if (options.httpApi != null) app.use(httpApi(options.httpApi, clock));
  app.use(nothingHere);
  app.use(failed(log));
  return app;
}
