import { type RequestHandler, Router } from 'express';
import type { Refusal } from './messages.ts';

/** A part of the API: adds its routes, which stand below `/api`. */
export type ApiPart = (router: Router) => void;

/** Answers a refusal in the form that all of the API has. */
export function refuse(
  response: Parameters<RequestHandler>[1],
  status: number,
  code: string,
  message: string,
  advice?: string,
): void {
  const refusal: Refusal = { error: { code, message, ...(advice === undefined ? {} : { advice }) } };
  response.status(status).json(refusal);
}

/** The API of the page and of scripts: the parts, and 404 for what none of them has. */
export function apiRoutes(parts: readonly ApiPart[]): RequestHandler {
  const router = Router({ caseSensitive: true, strict: true });
  for (const part of parts) part(router);
  router.use((_request, response) => {
    refuse(response, 404, 'not_found', 'The API has nothing at this address.', 'See docs/http-api.md.');
  });
  return router;
}
