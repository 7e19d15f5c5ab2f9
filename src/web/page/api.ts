import type { CommandAnswer, Refusal } from '../api/messages.ts';
import { skew, skewFrom } from './clock.ts';
import { t } from './words.ts';

/** What came of asking the bridge. */
export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly status: number;
      readonly error: Refusal['error'];
      /** How long to wait before the next attempt, seconds; null when the bridge did not say. */
      readonly retryAfter: number | null;
    };

/** Told when the bridge asks for the password. */
let onClosed: () => void = () => {};

/** Registers who shows the way in when a session has ended. */
export function whenClosed(work: () => void): void {
  onClosed = work;
}

const unknown = (status: number): Refusal['error'] => ({
  code: 'unknown',
  message: status === 0 ? t('refused.network') : t('refused.unknown', { status }),
});

async function refusalOf(response: Response): Promise<Refusal['error']> {
  try {
    const body: Partial<Refusal> & { readonly status?: string } = await response.json();
    return body.error ?? unknown(response.status);
  } catch {
    return unknown(response.status);
  }
}

/** Asks the bridge; addresses are relative to the page, so that a proxy may have put a path in front. */
export async function ask<T>(
  method: 'GET' | 'POST' | 'DELETE',
  address: string,
  body?: unknown,
): Promise<Asked<T>> {
  const askedAt = Date.now();
  let response: Response;
  try {
    response = await fetch(`./${address}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch {
    return { ok: false, status: 0, error: unknown(0), retryAfter: null };
  }
  // Any answer that is quick enough tells how the clocks stand; a command's may have taken long.
  if (method === 'GET')
    skew.value = skewFrom(response.headers.get('Date'), askedAt, Date.now()) ?? skew.value;
  if (response.status === 401 && address !== 'api/session') onClosed();
  if (!response.ok) {
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    const retryAfter = Number.isNaN(seconds) ? null : seconds;
    return { ok: false, status: response.status, error: await refusalOf(response), retryAfter };
  }
  const text = await response.text();
  return { ok: true, value: (text === '' ? null : JSON.parse(text)) as T };
}

/** Every reply in what a command was answered. */
export const repliesIn = (answer: CommandAnswer) => ('replies' in answer ? answer.replies : [answer]);

/** Sends a command as MQTT would take it, to a room or to `all`; settles with its last word. */
export function command(
  household: string,
  room: string,
  name: string,
  value: unknown,
): Promise<Asked<CommandAnswer>> {
  const path = [household, 'rooms', room, name].map(encodeURIComponent).join('/');
  return ask('POST', `api/households/${path}`, value ?? {});
}
