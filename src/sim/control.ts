import { z } from 'zod';
import { DEEDS } from './deeds.ts';
import type { FaultAnswer } from './faults.ts';
import { jsonResponse, type SimRequest, type SimResponse, splitPath } from './http.ts';
import { knobsSchema } from './knobs.ts';
import type { SimulatedCloud } from './simulated-cloud.ts';

const doing = z.object({ action: z.string() });

const faultSchema = z.object({
  match: z.string(),
  method: z.string().optional(),
  times: z.number().int().min(1).default(1),
  answer: z.union([
    z.enum(['hang', 'lose-reply', 'refuse']),
    z.object({
      status: z.number().int(),
      body: z.unknown(),
      headers: z.record(z.string(), z.string()).default({}),
    }),
  ]),
});

const callbackSchema = z.object({ url: z.url().nullable() });
const accountSchema = z.object({ account: z.string().optional() });

type Control = (sonos: SimulatedCloud, body: unknown) => unknown;

function act(sonos: SimulatedCloud, body: unknown): unknown {
  const { action } = doing.parse(body);
  const deed = DEEDS[action];
  if (deed === undefined)
    throw new Error(`No such action: ${action}. Known: ${Object.keys(DEEDS).join(', ')}.`);
  return { done: action, result: deed.run(sonos.world, body) ?? null };
}

function planFault(sonos: SimulatedCloud, body: unknown): unknown {
  const { match, method, times, answer } = faultSchema.parse(body);
  const planned: FaultAnswer = answer;
  sonos.failNext({ match, times, answer: planned, ...(method === undefined ? {} : { method }) });
  return { planned: times };
}

/** What people and tests can see and do from outside, all under `/sim`. */
const CONTROLS: Readonly<Record<string, Control>> = {
  'GET /sim/state': ({ world }) => ({
    rooms: world.rooms(),
    favorites: world
      .households()
      .map(({ id, favorites }) => ({ household: id, names: favorites.all().map(({ name }) => name) })),
    playlists: world
      .households()
      .map(({ id, playlists }) => ({ household: id, names: playlists.all().map(({ name }) => name) })),
  }),
  'GET /sim/actions': () =>
    Object.fromEntries(Object.entries(DEEDS).map(([name, { takes }]) => [name, takes])),
  'POST /sim/do': act,
  'GET /sim/knobs': ({ knobs }) => knobs,
  'POST /sim/knobs': ({ knobs }, body) => Object.assign(knobs, knobsSchema.partial().strict().parse(body)),
  'GET /sim/requests': ({ requests }) => requests,
  'GET /sim/clips': ({ heard }) => heard,
  'GET /sim/subscriptions': (sonos) => sonos.subscriptions(),
  'DELETE /sim/subscriptions': (sonos) => {
    sonos.wipeSubscriptions();
    return { wiped: true };
  },
  'GET /sim/deliveries': (sonos) => sonos.pushCounts(),
  'POST /sim/faults': planFault,
  'DELETE /sim/faults': (sonos) => {
    sonos.clearFaults();
    return { cleared: true };
  },
  'POST /sim/callback': (sonos, body) => {
    const { url } = callbackSchema.parse(body);
    sonos.registerCallback(url);
    return { url };
  },
  'POST /sim/expire-access-tokens': (sonos) => {
    sonos.expireAccessTokens();
    return { expired: true };
  },
  'POST /sim/revoke': (sonos, body) => {
    sonos.revoke(accountSchema.parse(body ?? {}).account);
    return { revoked: true };
  },
};

/** The control API as a plain function; a mistake is answered with 400 and what was wrong. */
export function createControl(sonos: SimulatedCloud): (request: SimRequest) => SimResponse {
  return ({ method, path, body }) => {
    const control = CONTROLS[`${method} ${splitPath(path).pathname}`];
    if (control === undefined) return jsonResponse(404, { error: 'not_found', known: Object.keys(CONTROLS) });
    try {
      const parsed: unknown = body.trim() === '' ? undefined : JSON.parse(body);
      return jsonResponse(200, control(sonos, parsed));
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return jsonResponse(400, { error: 'invalid_request', message });
    }
  };
}
