import type { Result } from '../bridge/result.ts';
import { err, ok } from '../bridge/result.ts';
import { isSafeWebUrl, readUrl } from '../config/formats.ts';
import { SETUP_FIELDS, type SetupField } from './integration.ts';

/** Why a wish of the set-up is not fulfilled. The message quotes no value, since one may be a secret. */
export interface SetupProblem {
  /** `invalid` is the person's, `fixed` the settings', `busy` passes, `not_saved` the disk's. */
  readonly kind: 'invalid' | 'fixed' | 'busy' | 'not_saved';
  readonly message: string;
  readonly advice: string;
}

/** A problem with a value that was sent. */
export const invalid = (message: string, advice: string): SetupProblem => ({
  kind: 'invalid',
  message,
  advice,
});

/** Values by field; null takes back what was kept. */
export type SetupChanges = Readonly<Partial<Record<SetupField, string | null>>>;

const LONGEST_KEY = 200;
const LONGEST_ADDRESS = 500;
const KEY = /^[\x21-\x7e]+$/;

/** The advice for a field whose value is not of its form. */
const EXPECTED: Readonly<Record<SetupField, string>> = {
  client_id: `Copy the key from the developer portal: at most ${LONGEST_KEY} letters, digits and signs, without spaces.`,
  client_secret: `Copy the secret from the developer portal: at most ${LONGEST_KEY} letters, digits and signs, without spaces.`,
  redirect_uri:
    'Give the redirect URI as it is registered on the developer portal: https, or http on localhost, with a path and without ? and #, such as http://localhost:8788/oauth/callback.',
  public_url:
    'Give the address under which the internet reaches the public listener: https, without ? and #, such as https://bridge.example.org.',
};

const NAMES: Readonly<Record<SetupField, string>> = {
  client_id: 'key',
  client_secret: 'secret',
  redirect_uri: 'redirect URI',
  public_url: 'public address',
};

/** The value as it is kept, or null when it is not of its form. */
function readValue(field: SetupField, text: string): string | null {
  if (field === 'client_id' || field === 'client_secret') {
    return text.length <= LONGEST_KEY && KEY.test(text) ? text : null;
  }
  if (text.length > LONGEST_ADDRESS || !isSafeWebUrl(text)) return null;
  // As the setting does: paths are appended to it.
  if (field === 'public_url') return text.replace(/\/+$/, '');
  return readUrl(text)?.pathname === '/' ? null : text;
}

/** Reads a wish; an empty public address takes back the one that was kept. */
export function readWish(
  wish: Readonly<{ [field in SetupField]?: string | undefined }>,
): Result<SetupChanges, SetupProblem> {
  const changes: { [field in SetupField]?: string | null } = {};
  for (const field of SETUP_FIELDS) {
    const text = wish[field]?.trim();
    if (text === undefined) continue;
    const value = readValue(field, text);
    if (value === null && !(field === 'public_url' && text === '')) {
      return err(invalid(`The ${NAMES[field]} is not of its form.`, EXPECTED[field]));
    }
    changes[field] = value;
  }
  return ok(changes);
}
