import { z } from 'zod';
import type { ApiTokens } from '../access/api-tokens.ts';
import { byMethod } from '../respond.ts';
import { takeJson } from './body.ts';
import type { NewTokenView } from './messages.ts';
import { type ApiPart, refuse } from './routes.ts';

// Control characters and what turns a line around have no place in a list.
const NAME = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+$/u;
const wishSchema = z.strictObject({ name: z.string().trim().min(1).max(60).regex(NAME) });

/** Lists, makes and ends the tokens of scripts; `entryEnded` is told when one is no longer good. */
export function tokenRoutes(tokens: ApiTokens, entryEnded: () => void = () => {}): ApiPart {
  const make = takeJson(wishSchema, async ({ name }, _request, response) => {
    let made: NewTokenView | null;
    try {
      made = await tokens.create(name);
    } catch {
      return refuse(response, 503, 'not_saved', 'The token could not be saved.', 'The log says why.');
    }
    if (made === null) {
      return refuse(response, 409, 'too_many', 'There are twenty tokens already.', 'Remove one first.');
    }
    response.status(201).json(made);
  });
  return (router) => {
    router.all(
      '/tokens',
      byMethod({
        GET: (_request, response) => void response.json(tokens.list()),
        POST: make,
      }),
    );
    router.all(
      '/tokens/:id',
      byMethod({
        DELETE: async ({ params }, response) => {
          if (!(await tokens.remove(String(params.id))))
            return refuse(response, 404, 'not_found', 'There is no such token.');
          entryEnded();
          response.status(204).end();
        },
      }),
    );
  };
}
