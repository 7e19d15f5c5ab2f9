import { createHash } from 'node:crypto';

/**
 * What is kept of something that nobody can guess, so that who reads the data folder cannot use it. Without salt and
 * cost: these are for what people choose.
 */
export const digestOf = (unguessable: string): string =>
  createHash('sha256').update(unguessable).digest('base64url');
