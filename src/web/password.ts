import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import { createGuesses } from './guesses.ts';

/** Whether a request may come in. */
export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'password_missing' }
  | { readonly kind: 'password_wrong' }
  | { readonly kind: 'too_many_guesses'; readonly retryAfterSeconds: number };

/** Judges a request by its Authorization header and where it comes from. */
export type Doorkeeper = (authorization: string | undefined, address: string) => Admission;

/** What the doorkeeper needs. */
export interface DoorkeeperOptions {
  readonly password: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const SLOWED =
  'Each further one makes the wait until the next try longer. If it is none of your own, keep that address from the private listener.';

/** The password of HTTP Basic (RFC 7617), whatever the user name is; null when the header holds none. */
function readPassword(authorization: string | undefined): string | null {
  const token = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return null;
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  // One letter may have two spellings in Unicode, and not every keyboard sends the same.
  return colon === -1 ? null : pair.slice(colon + 1).normalize('NFC');
}

/** Creates the doorkeeper. Its comparison takes equally long for every wrong password, and guessing gets slow. */
export function createDoorkeeper({ password, clock, random, log }: DoorkeeperOptions): Doorkeeper {
  const guesses = createGuesses(clock);
  const key = random.id();
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const expected = digest(password.normalize('NFC'));

  return (authorization, address) => {
    const given = readPassword(authorization);
    if (given === null) return { kind: 'password_missing' };
    const waitMs = guesses.waitMs(address);
    if (waitMs > 0) return { kind: 'too_many_guesses', retryAfterSeconds: Math.ceil(waitMs / 1000) };
    const fingerprint = digest(given);
    if (timingSafeEqual(fingerprint, expected)) {
      guesses.right(address);
      return { kind: 'admitted' };
    }
    switch (guesses.wrong(address, fingerprint.toString('base64'))) {
      case 'this_address':
        log.warn(`Five wrong passwords for the private listener came from one address. ${SLOWED}`, {
          address,
        });
        break;
      case 'everybody':
        log.warn(`Fifty wrong passwords for the private listener came within hours. ${SLOWED}`, { address });
        break;
      case 'nobody':
    }
    return { kind: 'password_wrong' };
  };
}
