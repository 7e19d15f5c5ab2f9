import type { Random } from '../../bridge/ports.ts';
import { hashPassword, isPasswordOf, readPasswordHash } from './password-hash.ts';

/** Knows whether a password is the right one, without keeping it. */
export interface PasswordVerifier {
  /** The hash of the password in force, in PHC form: the one that is remembered while the password is the same. */
  inForce(): Promise<string>;
  /** Whether this is the password; each call costs a whole scrypt. */
  matches(password: string): Promise<boolean>;
}

/** What a verifier is made of. */
export interface PasswordVerifierOptions {
  /** As the settings have it: the password, or its hash in PHC form. */
  readonly password: string;
  /** The hash that was in force when something was last kept under it. */
  readonly remembered: () => string | null;
  readonly random: Random;
}

/** Creates the verifier. Nothing is hashed before somebody asks, and from then on the password itself is forgotten. */
export function createPasswordVerifier(options: PasswordVerifierOptions): PasswordVerifier {
  const { remembered, random } = options;
  let plain = readPasswordHash(options.password) === null ? options.password : null;
  let opening: Promise<string> | null = plain === null ? Promise.resolve(options.password) : null;

  async function open(password: string): Promise<string> {
    const before = remembered();
    const hash = readPasswordHash(before ?? '');
    const isSame = before !== null && hash !== null && (await isPasswordOf(password, hash));
    const made = isSame ? before : await hashPassword(password, random);
    plain = null;
    return made;
  }

  function inForce(): Promise<string> {
    opening ??= open(plain ?? '').catch((error: unknown) => {
      // For want of memory, say; the next one may have more luck.
      opening = null;
      throw error;
    });
    return opening;
  }

  return {
    inForce,
    matches: async (password) => {
      const hash = readPasswordHash(await inForce());
      return hash !== null && isPasswordOf(password, hash);
    },
  };
}
