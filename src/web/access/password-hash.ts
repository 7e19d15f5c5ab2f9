import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../bridge/ports.ts';

/** What a password hash holds: the cost of scrypt (RFC 7914), the salt and what came out. */
export interface PasswordHash {
  /** Binary logarithm of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** The PHC string format; its base64 has no padding. */
const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
/** 32 MiB and about 0.1 s on a common machine, as OWASP's cheat sheet on storing passwords has it. */
const COST = { ln: 15, r: 8, p: 1 } as const;
const DIGEST_BYTES = 32;
const MOST_MEMORY = 268_435_456;

const memoryOf = ({ ln, r }: Pick<PasswordHash, 'ln' | 'r'>): number => 128 * r * 2 ** ln;

/** Reads `$scrypt$ln=15,r=8,p=1$salt$hash`; null when the text is none, or asks for more than 256 MiB. */
export function readPasswordHash(text: string): PasswordHash | null {
  const [, ln, r, p, salt = '', digest = ''] = PHC.exec(text) ?? [];
  if (ln === undefined) return null;
  const read = {
    ...{ ln: Number(ln), r: Number(r), p: Number(p) },
    ...{ salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') },
  };
  const isPossible = read.ln > 0 && read.r > 0 && read.p > 0 && memoryOf(read) <= MOST_MEMORY;
  return isPossible ? read : null;
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** One password may have two spellings in Unicode, and not every keyboard sends the same. */
function digestOf(password: string, cost: Omit<PasswordHash, 'digest'>, bytes: number): Promise<Buffer> {
  const { ln, r, p, salt } = cost;
  return new Promise((resolve, reject) => {
    // Node counts a little more than the memory of the algorithm itself.
    const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf(cost) + 1_048_576 * p };
    scrypt(password.normalize('NFC'), salt, bytes, options, (error, digest) => {
      if (error === null) resolve(digest);
      else reject(error);
    });
  });
}

/** Makes the hash of a password, with a salt of its own, as text in PHC form. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = Buffer.from(random.id(), 'base64url');
  const digest = await digestOf(password, { ...COST, salt }, DIGEST_BYTES);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(digest)}`;
}

/** Whether a password is the one that was hashed; takes as long for a wrong one as for the right one. */
export async function isPasswordOf(password: string, hash: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await digestOf(password, hash, hash.digest.length), hash.digest);
}
