import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { refuseVisitor } from '../access/guard-access.ts';
import type { PrivateListenerOptions } from '../options.ts';
import { byMethod } from '../respond.ts';
import { takeJson } from './body.ts';
import type { SessionView } from './messages.ts';

const wishSchema = z.strictObject({ password: z.string().min(1).max(1_024) });

/** Whether the query of an address has this name. */
const asksFor = (url: string, name: string): boolean =>
  new URLSearchParams(url.split('?').slice(1).join('?')).has(name);

/** Tells how the page is entered, takes the password in, and ends sessions; stands before the door, below `/api`. */
export function sessionRoutes(options: PrivateListenerOptions, access: Access): RequestHandler {
  const { doors } = access;
  const mode = options.mode ?? (options.login === null ? 'setup' : 'house');

  const view: RequestHandler = async (request, response) => {
    const visitor = await access.who(request);
    if (visitor.kind === 'person' && visitor.cookie !== null) response.set('Set-Cookie', visitor.cookie);
    const said: SessionView = {
      open: visitor.kind === 'person',
      needs_password: doors !== null,
      ingress: options.ingressFrom !== undefined,
      mode,
    };
    response.json(said);
  };

  const signIn = takeJson(wishSchema, async ({ password }, request, response) => {
    if (doors !== null) {
      const judgement = await doors.judge(password, request.socket.remoteAddress ?? '');
      if (judgement.kind !== 'right') return refuseVisitor(response, judgement);
      response.set('Set-Cookie', await doors.sessions.open(request.headers.cookie));
    }
    response.status(204).end();
  });

  const signOut: RequestHandler = async (request, response) => {
    if (doors !== null) {
      const { sessions } = doors;
      if (asksFor(request.url, 'all')) {
        const visitor = await access.who(request);
        if (visitor.kind !== 'person') return refuseVisitor(response, visitor);
        response.set('Set-Cookie', await sessions.endAll());
      } else response.set('Set-Cookie', await sessions.end(request.headers.cookie));
      options.entryEnded?.();
    }
    response.status(204).end();
  };

  const router = Router({ caseSensitive: true, strict: true });
  router.all('/session', byMethod({ GET: view, HEAD: view, POST: signIn, DELETE: signOut }));
  return router;
}
