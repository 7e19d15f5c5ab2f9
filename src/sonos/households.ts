import { z } from 'zod';
import { err, ok, type Result } from '../bridge/result.ts';
import type { SonosError } from '../bridge/sonos.ts';
import { withoutAnswer } from './errors.ts';
import type { SignedRequest } from './request.ts';

/** Reads which households an access token opens. */
export type ListHouseholds = (accessToken: string) => Promise<Result<readonly string[], SonosError>>;

const householdSchema = z.object({ id: z.string().regex(/^[\w.-]{1,128}$/u) });
const answerSchema = z.object({ households: z.array(z.unknown()) });

/** `GET /households` ("households"), for an account whose households are not known yet. Ids of another shape are left out. */
export function createListHouseholds(request: SignedRequest): ListHouseholds {
  return async (accessToken) => {
    // A person waits for it at the end of a login.
    const call = { method: 'GET', path: '/households', priority: 'command' } as const;
    const answer = await request(call, () => Promise.resolve(ok(accessToken)));
    if (!answer.ok) return answer;
    const read = answerSchema.safeParse(answer.value);
    if (!read.success) {
      const reason = 'The answer to GET /households has no list of households.';
      return err({ ...withoutAnswer('invalid_answer', 'none', 'later', reason), status: 200 });
    }
    const ids = read.data.households.flatMap((household) => {
      const known = householdSchema.safeParse(household);
      return known.success ? [known.data.id] : [];
    });
    return ok([...new Set(ids)]);
  };
}
