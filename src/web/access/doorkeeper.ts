import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Log, Random } from '../../bridge/ports.ts';
import { createTurns } from '../turns.ts';
import { createGuesses } from './guesses.ts';
import type { PasswordVerifier } from './password-verifier.ts';

/** What becomes of a password that somebody gives. */
export type Judgement =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too_many_guesses'; readonly retryAfterSeconds: number }
  /** Too many passwords are being looked at. */
  | { readonly kind: 'busy' };

/** Judges a password by itself and by where it comes from. */
export type Doorkeeper = (password: string, address: string) => Promise<Judgement>;

/** What the doorkeeper needs. */
export interface DoorkeeperOptions {
  readonly verifier: PasswordVerifier;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** So much scrypt at once leaves the disk and the resolver of names threads of their own. */
const AT_ONCE = 2;
const WAITING = 8;
const SLOWED =
  'Each further one makes the wait until the next try longer. If it is none of your own, keep that address from the private listener.';

/** The password of HTTP Basic (RFC 7617), whatever the user name is; null when the header holds none. */
export function readBasic(authorization: string | undefined): string | null {
  const token = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return null;
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? null : pair.slice(colon + 1);
}

/**
 * Creates the doorkeeper. Every new password costs a whole scrypt, right or wrong, and guessing gets slow. The right one is known
 * again by a keyed digest, so that a scraper does not cost one each time.
 */
export function createDoorkeeper({ verifier, clock, random, log }: DoorkeeperOptions): Doorkeeper {
  const guesses = createGuesses(clock);
  const turns = createTurns(AT_ONCE, WAITING);
  const key = random.id();
  const underWay = new Map<string, Promise<Judgement>>();
  let known: Buffer | null = null;

  function hasToWait(address: string): Judgement | null {
    const waitMs = guesses.waitMs(address);
    return waitMs > 0 ? { kind: 'too_many_guesses', retryAfterSeconds: Math.ceil(waitMs / 1000) } : null;
  }

  function wrong(address: string, fingerprint: string): Judgement {
    switch (guesses.wrong(address, fingerprint)) {
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
    return { kind: 'wrong' };
  }

  async function lookAt(password: string, address: string, fingerprint: Buffer): Promise<Judgement> {
    // Others of this address may have been wrong while this one stood in line.
    const late = hasToWait(address);
    if (late !== null) return late;
    if (!(await verifier.matches(password))) return wrong(address, fingerprint.toString('base64'));
    known = fingerprint;
    guesses.right(address);
    return { kind: 'right' };
  }

  return async (password, address) => {
    const early = hasToWait(address);
    if (early !== null) return early;
    const fingerprint = createHmac('sha256', key).update(password.normalize('NFC')).digest();
    if (known !== null && timingSafeEqual(known, fingerprint)) {
      guesses.right(address);
      return { kind: 'right' };
    }
    const text = fingerprint.toString('base64');
    if (guesses.isLast(address, text)) return { kind: 'wrong' };
    // What is asked many times at once, as by a browser that loads a page, is looked at once.
    const name = `${text} ${address}`;
    const begun = underWay.get(name) ?? turns.take(() => lookAt(password, address, fingerprint));
    if (begun === null) return { kind: 'busy' };
    underWay.set(name, begun);
    return begun.finally(() => underWay.delete(name));
  };
}
