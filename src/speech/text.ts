import { err, ok, type Result } from '../bridge/result.ts';

/** Half characters, and what nobody can see or hear: signs of direction, joiners, tags, fillers. */
const INVISIBLE = /[\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Control characters; those that are white space separate words and are left to `SPACES`. espeak-ng takes some as orders. */
const CONTROL = /(?![\s\x85])\p{Cc}/gu;
const SPACES = /[\s\x85]+/gu;

/**
 * The text as it is spoken: NFC, in one line, without control and invisible characters. espeak-ng reads phonemes in
 * double brackets, so they are broken up; markup is left alone, since nobody reads it as markup.
 */
export function cleanText(text: string, maxCharacters: number): Result<string, string> {
  const line = text.replace(INVISIBLE, '').replace(CONTROL, '').replace(SPACES, ' ').trim();
  const clean = line
    .normalize('NFC')
    .replace(/\[(?=\[)/g, '[ ')
    .replace(/\](?=\])/g, '] ');
  if (clean === '') return err('The text is empty: there is nothing to say.');
  const length = [...clean].length;
  if (length <= maxCharacters) return ok(clean);
  return err(
    `The text has ${length} characters, and at most ${maxCharacters} are spoken (speech.max_characters).`,
  );
}
