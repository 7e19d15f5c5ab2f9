import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Result } from '../../bridge/result.ts';
import { takeJson } from './body.ts';
import type { SetupView, SetupWish } from './messages.ts';
import { apiByMethod } from './methods.ts';
import { type ApiPart, refuse } from './routes.ts';

/** Why a wish is not fulfilled. */
export interface WishRefused {
  readonly kind: 'invalid' | 'fixed' | 'busy' | 'not_saved';
  readonly message: string;
  readonly advice: string;
}

/** The set-up of the integration, as the page sees it. */
export interface WebSetupDesk {
  view(): SetupView;
  /** Keeps what is wished. `restarting` when the bridge closes and opens anew with it, a moment after this has settled. */
  take(wish: SetupWish): Promise<Result<{ readonly restarting: boolean }, WishRefused>>;
}

const STATUS = { invalid: 400, fixed: 409, busy: 409, not_saved: 503 } as const;

// That no value is longer than a page of text; what form each has is said by the desk, with advice.
const text = z.string().max(2_000).exactOptional();

const wishSchema = z.strictObject({
  client_id: text,
  client_secret: text,
  redirect_uri: text,
  public_url: text,
});

/** `GET setup` shows what is set up and from where, never the secret; `POST setup` keeps what a person gives. */
export function setupPart(desk: WebSetupDesk): ApiPart {
  return (router) => {
    const show: RequestHandler = (_request, response) => {
      response.json(desk.view());
    };
    const take = takeJson(wishSchema, async (wish, _request, response) => {
      const taken = await desk.take(wish);
      if (taken.ok) {
        response.status(taken.value.restarting ? 202 : 200).json(taken.value);
        return;
      }
      const { kind, message, advice } = taken.error;
      refuse(response, STATUS[kind], `setup_${kind}`, message, advice);
    });
    router.all('/setup', apiByMethod({ GET: show, HEAD: show, POST: take }));
  };
}
