import type { RequestHandler } from 'express';
import { refuse } from './routes.ts';

/** Answers by method, and 405 to any that is not there, in the form that all of the API has. */
export function apiByMethod(handlers: Readonly<Record<string, RequestHandler>>): RequestHandler {
  const known = new Map(Object.entries(handlers));
  return (request, response, next) => {
    const handler = known.get(request.method);
    if (handler !== undefined) {
      // Handed on, so that Express takes care of one that fails later.
      return handler(request, response, next);
    }
    const allowed = [...known.keys()].join(', ');
    response.set('Allow', allowed);
    return refuse(response, 405, 'wrong_method', `This address takes ${allowed} only.`);
  };
}
