import { hash, timingSafeEqual } from 'node:crypto';

/** The parts of an event that Sonos signs, as they stood in its headers. */
export interface SignedFields {
  readonly sequence: string;
  readonly namespace: string;
  readonly type: string;
  readonly targetType: string;
  readonly target: string;
}

/** The key of the integration, as the developer portal shows it. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * The signature that Sonos gives an event: SHA-256 over the five fields, client id and client secret with nothing
 * between them, as base64url without padding, 43 characters (docs.sonos.com, "Subscribe"). Household and body are
 * not covered. The answer opens the door to whoever has it, so it belongs in no log and no reply.
 */
export function signatureOf(fields: SignedFields, credentials: Credentials): string {
  const { sequence, namespace, type, targetType, target } = fields;
  const signed = `${sequence}${namespace}${type}${targetType}${target}`;
  return hash('sha256', `${signed}${credentials.clientId}${credentials.clientSecret}`, 'base64url');
}

/** Whether Sonos signed these fields with this key. Takes equally long for every wrong signature of 43 characters. */
export function isGenuine(fields: SignedFields, signature: string, credentials: Credentials): boolean {
  // The texts are compared, not what they decode to: base64url has four spellings of the same 32 bytes.
  const expected = Buffer.from(signatureOf(fields, credentials));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
