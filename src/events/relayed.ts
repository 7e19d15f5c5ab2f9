import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { readJson } from '../bridge/read-json.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { EventHeaders } from './headers.ts';
import type { Credentials } from './signature.ts';

/** Why a message of the relay is not believed. */
export type RelayedProblem =
  | 'relay_forged' // not sealed with our key, or changed since
  | 'relay_kept' // retained: the broker hands it out at every connect
  | 'relay_stale'
  | 'relay_too_large';

/** An event as the relay took it from Sonos. */
export interface RelayedEvent {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** The longest message that a bridge takes from its broker, so that a relay sends no longer one, bytes. */
export const LONGEST_RELAYED_BYTES = 1_047_552;

const NAMES: Readonly<Record<keyof EventHeaders, string>> = {
  household: 'X-Sonos-Household-Id',
  namespace: 'X-Sonos-Namespace',
  type: 'X-Sonos-Type',
  targetType: 'X-Sonos-Target-Type',
  target: 'X-Sonos-Target-Value',
  sequence: 'X-Sonos-Event-Seq-Id',
  signature: 'X-Sonos-Event-Signature',
};

const FIELDS = [
  ...(['household', 'namespace', 'type', 'targetType', 'target', 'sequence', 'signature'] as const),
];

/** The seal stands first, so that it is checked over the bytes behind it before anything is parsed. */
const SEAL_START = '{"seal":"';
const SEAL_END = '",';
const SEAL_LENGTH = 43;
const REST_AT = SEAL_START.length + SEAL_LENGTH + SEAL_END.length;

const messageSchema = z.object({
  received_at: z.iso.datetime(),
  headers: z.array(z.string()).length(FIELDS.length * 2),
  body: z.string(),
});

/**
 * HMAC-SHA256 over what stands behind the seal, as base64url. Its key is made of client id and client secret, and for
 * this alone, so that nothing that Sonos signs could be taken for a seal, nor a seal for a signature.
 */
function sealOf(rest: string | Uint8Array, { clientId, clientSecret }: Credentials): string {
  const key = createHmac('sha256', clientSecret).update(`sonos-mqtt-bridge relay\n${clientId}`).digest();
  return createHmac('sha256', key).update(rest).digest('base64url');
}

/** Writes the message for an event; `at` is the wall time of its arrival, milliseconds. */
export function sealEvent(headers: EventHeaders, body: string, at: number, credentials: Credentials): string {
  const message = {
    received_at: new Date(at).toISOString(),
    headers: FIELDS.flatMap((field) => [NAMES[field], headers[field]]),
    body,
  };
  const rest = JSON.stringify(message).slice(1);
  return `${SEAL_START}${sealOf(rest, credentials)}${SEAL_END}${rest}`;
}

function isSealed(payload: Buffer, credentials: Credentials): boolean {
  const given = payload.subarray(0, REST_AT);
  const rest = payload.subarray(REST_AT);
  const expected = Buffer.from(`${SEAL_START}${sealOf(rest, credentials)}${SEAL_END}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** How a message is looked at. */
export interface RelayedGround {
  readonly credentials: Credentials;
  /** Wall time, milliseconds. */
  readonly now: number;
  readonly expirySeconds: number;
}

/** Reads a message of the relay: sealed with our key, whole, and not too old. Its headers are yet to be judged. */
export function openRelayed(
  payload: Uint8Array,
  { credentials, now, expirySeconds }: RelayedGround,
): Result<RelayedEvent, RelayedProblem> {
  if (payload.length > LONGEST_RELAYED_BYTES) return err('relay_too_large');
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  if (!isSealed(bytes, credentials)) return err('relay_forged');
  const message = readJson(messageSchema, `{${bytes.toString('utf8', REST_AT)}`);
  if (message === null) return err('relay_forged');
  if (now - new Date(message.received_at).getTime() > expirySeconds * 1000) return err('relay_stale');
  return ok({ headers: message.headers, body: message.body });
}
