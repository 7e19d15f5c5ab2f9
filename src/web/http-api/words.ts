import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import type { Json } from '../../bridge/sonos.ts';

type Payload = { readonly [key: string]: Json };

/** What is wrong with an address, and what would be right. */
export const misread = (
  message: string,
  advice: string,
): { readonly ok: false; readonly error: CommandError } =>
  err(commandError('invalid_payload', message, advice));

/** What stands behind an action; there must be something. */
export function needed(args: readonly string[], what: string): Result<string, CommandError> {
  const [word] = args;
  return word === undefined || word.trim() === ''
    ? misread('Something is missing at the end of the address.', `Add ${what}.`)
    : ok(word);
}

/** `on`, `off`, or the opposite of how it is now. */
export function onOff(args: readonly string[], now: boolean | null): Result<boolean, CommandError> {
  const word = args[0]?.trim().toLowerCase();
  if (word === 'on' || word === 'off') return ok(word === 'on');
  if (word !== 'toggle') return misread('That is neither on nor off.', 'Add on, off or toggle.');
  if (now !== null) return ok(!now);
  return err(commandError('not_capable', 'It is not known how it is now.', 'Add on or off.'));
}

const LANGUAGE = /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/;

const numeral = (word: string | undefined): number | null =>
  word !== undefined && /^\d{1,3}$/.test(word) ? Number(word) : null;

/** `/say/<text>[/<language or voice>][/<volume>]` as an announcement; what follows a `?` belongs to it. */
export function readSay(args: readonly string[], query: string): Result<Payload, CommandError> {
  const whole = args.map((each, at) => (at === args.length - 1 ? each + query : each));
  const text = needed(whole, 'a text, as in /kitchen/say/Dinner%20is%20ready');
  if (!text.ok) return text;
  const [, second, third] = whole;
  const volume = numeral(third) ?? (third === undefined ? numeral(second) : null);
  if (whole.length > 3 || (third !== undefined && numeral(third) === null))
    return misread(
      'There is more in the address than a text, a language and a volume.',
      'A slash in the text is written as %2F.',
    );
  const speaker = volume !== null && third === undefined ? undefined : second;
  return ok({
    text: text.value,
    ...(speaker === undefined ? {} : LANGUAGE.test(speaker) ? { language: speaker } : { voice: speaker }),
    ...(volume === null ? {} : { volume }),
  });
}

/** `/clip/<url or name>[/<volume>]` as an announcement. A URL may stand there as it is, with all its slashes. */
export function readClip(args: readonly string[], query: string): Result<Payload, CommandError> {
  const what = needed(args, 'the URL of a sound, or the name of a chime');
  if (!what.ok) return what;
  if (/^https?:$/i.test(what.value)) return ok({ url: args.join('/') + query });
  const volume = numeral(args[1]);
  if (args.length > 2 || (args[1] !== undefined && volume === null))
    return misread('That is no volume.', 'A volume is a whole number from 0 to 100, behind the sound.');
  const loud = volume === null ? {} : { volume };
  if (/^https?:\/\//i.test(what.value)) return ok({ url: what.value, ...loud });
  // That project's own sounds were files in a folder; ours are chimes, without the ending.
  return ok({ chime: what.value.replace(/\.(mp3|wav)$/i, ''), ...loud });
}
