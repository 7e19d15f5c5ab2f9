import { createHash } from 'node:crypto';

/** The parts of an event that Sonos signs, in the order in which it signs them. The body is not among them. */
export interface SignedParts {
  readonly sequence: string;
  readonly namespace: string;
  readonly type: string;
  readonly targetType: string;
  readonly target: string;
}

/** `X-Sonos-Event-Signature`: base64url without padding over a plain SHA-256 (documentation page "Subscribe"). */
export function sign(parts: SignedParts, clientId: string, clientSecret: string): string {
  const { sequence, namespace, type, targetType, target } = parts;
  const text = sequence + namespace + type + targetType + target + clientId + clientSecret;
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}
