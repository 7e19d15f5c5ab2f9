import type { WebHouse } from '../options.ts';
import { byMethod } from '../respond.ts';
import { type ApiPart, refuse } from './routes.ts';

/** Forgets a linked account. */
export const accountRoutes =
  ({ unlink }: Pick<WebHouse, 'unlink'>): ApiPart =>
  (router) => {
    router.all(
      '/accounts/:id/unlink',
      byMethod({
        POST: async ({ params }, response) => {
          if (await unlink(String(params.id))) response.status(204).end();
          else refuse(response, 404, 'not_found', 'This account is not linked, or not any more.');
        },
      }),
    );
  };
