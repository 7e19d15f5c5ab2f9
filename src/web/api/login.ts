import { z } from 'zod';
import { loginStatus } from '../login-result.ts';
import type { WebLogin } from '../options.ts';
import { byMethod } from '../respond.ts';
import { takeJson } from './body.ts';
import type { LinkedView } from './messages.ts';
import { type ApiPart, refuse } from './routes.ts';

const wishSchema = z.strictObject({ address: z.string().max(4_096) });

/** Finishes a login by the address that a person copied from their browser. */
export const loginRoutes =
  (login: WebLogin | null): ApiPart =>
  (router) => {
    const paste = takeJson(wishSchema, async ({ address }, _request, response) => {
      if (login === null) {
        return refuse(
          response,
          503,
          'no_key',
          'A login needs the key of an integration.',
          'Set sonos.client_id, sonos.client_secret and sonos.redirect_uri, and start the bridge again.',
        );
      }
      const result = await login.finish(address);
      if (!result.ok) return refuse(response, loginStatus(result), result.error.reason, result.error.message);
      const { households, known } = result.value;
      const linked: LinkedView = { households, known };
      response.json(linked);
    });
    router.all('/login/paste', byMethod({ POST: paste }));
  };
