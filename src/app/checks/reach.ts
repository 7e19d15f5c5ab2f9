import { z } from 'zod';
import type { Clock } from '../../bridge/ports.ts';
import { err, ok, type Result } from '../../bridge/result.ts';

/** A request of a check. */
export interface ReachRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer of any status; of a long text, the beginning. */
export interface Reached {
  readonly status: number;
  readonly text: string;
}

/** Asks once, following no redirect. The error is the system's code, `TIMEOUT` when no answer came in time. */
export type Reach = (request: ReachRequest) => Promise<Result<Reached, string>>;

const ANSWER_WITHIN_MS = 8_000;
const MOST_BYTES = 64 * 1024;

const causeSchema = z.object({ code: z.string() });

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const read = causeSchema.safeParse(cause);
  if (read.success) return read.data.code;
  // Several addresses of one name that all failed.
  const first = cause instanceof AggregateError ? causeSchema.safeParse(cause.errors[0]) : null;
  return first?.success ? first.data.code : 'no error code';
}

async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BYTES) break;
  }
  return text;
}

/** Makes `reach` on Node's `fetch`; what is under way ends with the signal that is given. */
export function createReach(
  clock: Clock,
  withinMs: number = ANSWER_WITHIN_MS,
  given: AbortSignal | null = null,
): Reach {
  return async ({ url, method = 'GET', headers = {}, body }) => {
    const abort = new AbortController();
    let isLate = false;
    const cancel = clock.after(withinMs, () => {
      isLate = true;
      abort.abort();
    });
    try {
      const response = await fetch(url, {
        ...{
          method,
          headers,
          redirect: 'manual',
          signal: given === null ? abort.signal : AbortSignal.any([abort.signal, given]),
        },
        ...(body === undefined ? {} : { body }),
      });
      return ok({ status: response.status, text: await beginning(response) });
    } catch (error) {
      return err(isLate ? 'TIMEOUT' : codeOf(error));
    } finally {
      cancel();
    }
  };
}

/** Why an address cannot be reached, in words; `what` is who should be there. */
export function unreachable(code: string, what: string): { readonly seen: string; readonly advice: string } {
  if (/^(ENOTFOUND|EAI_AGAIN|EAI_)/.test(code)) {
    return {
      seen: `its name is not known (${code})`,
      advice: `Check the spelling of the name, and that this machine has a working name server (DNS).`,
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) {
    return {
      seen: `its certificate is not trusted (${code})`,
      advice: `${what} needs a certificate for its name from a known authority, in force today. Check the clock of this machine as well.`,
    };
  }
  if (/^(ERR_SSL|EPROTO)/.test(code)) {
    return {
      seen: `what answers there does not speak TLS (${code})`,
      advice: `${what} has to be reached by https; check the port, and that TLS ends at the reverse proxy.`,
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      seen: 'nothing listens there (ECONNREFUSED)',
      advice: `Check that ${what} runs, the address and the port, and that a firewall or router passes the port on.`,
    };
  }
  const seen = code === 'TIMEOUT' ? 'no answer came in time' : `the connection failed (${code})`;
  return { seen, advice: `Check the network of this machine, and what stands between it and ${what}.` };
}
