import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../bridge/ports.ts';
import { apiRoutes } from './api/routes.ts';
import { createForms } from './forms.ts';
import { guardHost, guardPassword, guardReading, guardSite } from './guard.ts';
import { liveRoute, metricsRoute, readyRoute } from './health-routes.ts';
import { homePage } from './home-page.ts';
import { httpApi } from './http-api/route.ts';
import { guardIngress } from './ingress.ts';
import { createLoginCookie } from './login-cookie.ts';
import { loginPaste, loginReturn, loginStart } from './login-routes.ts';
import type { PrivateListenerOptions } from './options.ts';
import { pageFiles } from './page-files.ts';
import { createDoorkeeper } from './password.ts';
import { reading, sendFormPage, sendMessage, setHeaders } from './respond.ts';
import { STYLE } from './style.ts';
import { unlinkRoute } from './unlink-routes.ts';

const styleRoute: RequestHandler = reading((_request, response) => {
  response.type('css').send(STYLE);
});

const nothingHere: RequestHandler = (_request, response) => {
  sendMessage(response, 404, 'Nothing is here', 'The bridge has no page at this address.');
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
    sendMessage(response, 500, 'This did not work', 'The bridge made a mistake; its log says where.');
  };
}

/** Creates what the private listener answers, in the order in which a request meets it. */
export function createApp(options: PrivateListenerOptions): RequestListener {
  const { host, allowedHosts, ingressFrom, password, clock, random, log } = options;
  const cookie = createLoginCookie(random);
  const forms = createForms(random);
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.enable('case sensitive routing').enable('strict routing');

  const guardDoor =
    ingressFrom === undefined ? guardHost([host, ...allowedHosts]) : guardIngress(ingressFrom);
  app.use(setHeaders, guardReading, guardDoor, guardSite);
  app.use(loginReturn(options, cookie));
  app.all('/health/live', liveRoute);
  // Without a password, since the page after a login has none either.
  app.all('/style.css', styleRoute);
  app.use(pageFiles());
  if (password !== null) app.use(guardPassword(createDoorkeeper({ password, clock, random, log })));
  const home: RequestHandler = (_request, response) => sendFormPage(response, homePage(options, forms));
  app.all('/plain', reading(home));
  app.use('/api', apiRoutes(options.api ?? []));
  app.all('/login', loginStart(options, cookie));
  app.all('/login/paste', loginPaste(options, forms));
  app.all('/unlink', unlinkRoute(options, forms));
  app.all('/health/ready', readyRoute(options));
  app.all('/metrics', metricsRoute(options));
  // After our own pages, so that no room can be called like one of them and take its place.
  if (options.httpApi != null) app.use(httpApi(options.httpApi, clock));
  app.use(nothingHere);
  app.use(failed(log));
  return app;
}
