import type { Store } from '../store/store.ts';
import type { AccessMemory } from '../web/access/access.ts';
import { apiTokensSchema, noApiTokens } from '../web/access/api-tokens.ts';
import { noSessions, sessionsSchema } from '../web/access/sessions.ts';

/** Opens what is kept of sessions and API tokens; throws `StoreError` when it cannot be read. */
export const openAccess = async (store: Store): Promise<AccessMemory> => ({
  sessions: await store.document('sessions', sessionsSchema, noSessions),
  tokens: await store.document('api-tokens', apiTokensSchema, noApiTokens),
});
