import { z } from 'zod';
import type { Clock, Random } from '../../bridge/ports.ts';
import type { ApiTokenView } from '../api/messages.ts';
import { digestOf } from './digest.ts';
import type { Kept } from './kept.ts';

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  digest: z.string(),
  created_at: z.string(),
  used_at: z.string().nullable(),
});
type Token = z.output<typeof tokenSchema>;

/** What is remembered of API tokens: nothing with which one could call. */
export const apiTokensSchema = z.object({ tokens: z.array(tokenSchema) });

/** See `apiTokensSchema`. */
export type ApiTokensRecord = z.output<typeof apiTokensSchema>;

/** Nobody has made one yet. */
export const noApiTokens: ApiTokensRecord = { tokens: [] };

/** The tokens with which scripts call the API. */
export interface ApiTokens {
  list(): readonly ApiTokenView[];
  /** Makes one, which is shown this once; null when there are too many. Rejects when the disk does not keep it. */
  create(name: string): Promise<{ readonly token: string; readonly view: ApiTokenView } | null>;
  /** Ends one for good; false when there is none with this id. */
  remove(id: string): Promise<boolean>;
  /** Whether this is one of them; notes that it was used. */
  use(token: string): boolean;
}

const MOST = 20;
/** How exact it is remembered when a token was used last, in milliseconds; each time costs a write. */
const USED_MS = 3_600_000;

const viewOf = ({ id, name, created_at, used_at }: Token): ApiTokenView => ({
  ...{ id, name, created_at, used_at },
});

/** Creates the tokens. */
export function createApiTokens(memory: Kept<ApiTokensRecord>, clock: Clock, random: Random): ApiTokens {
  const today = (): string => new Date(clock.now()).toISOString();
  const all = (): readonly Token[] => memory.value.tokens;

  function noteUse(token: Token): void {
    const isFresh = token.used_at !== null && clock.now() - new Date(token.used_at).getTime() < USED_MS;
    if (isFresh) return;
    const used = { ...token, used_at: today() };
    const tokens = all().map((each) => (each === token ? used : each));
    // The store tells the log what it could not write.
    memory.save({ tokens }).catch(() => {});
  }

  return {
    list: () => all().map(viewOf),
    create: async (name) => {
      if (all().length >= MOST) return null;
      // Two ids are 256 bits.
      const token = `smb_${random.id()}${random.id()}`;
      const made = {
        ...{ id: random.id(), name, digest: digestOf(token) },
        ...{ created_at: today(), used_at: null },
      };
      try {
        await memory.save({ tokens: [...all(), made] });
      } catch (error) {
        // It would be gone after a restart, when nobody remembers why.
        await memory.save({ tokens: all().filter(({ id }) => id !== made.id) }).catch(() => {});
        throw error;
      }
      return { token, view: viewOf(made) };
    },
    remove: async (id) => {
      const others = all().filter((each) => each.id !== id);
      if (others.length === all().length) return false;
      // Ended at once, also while the disk refuses.
      await memory.save({ tokens: others }).catch(() => {});
      return true;
    },
    use: (token) => {
      const digest = digestOf(token);
      const found = all().find((each) => each.digest === digest);
      if (found === undefined) return false;
      noteUse(found);
      return true;
    },
  };
}
