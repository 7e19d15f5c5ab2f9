import { type CommandError, commandError } from '../bridge/command-error.ts';
import { quoted } from '../bridge/quoted.ts';
import type { ChainError } from './chain.ts';

/** The message asks for something that cannot be had. */
export const unfit = (message: string, advice?: string): CommandError =>
  commandError('invalid_payload', message, advice);

/** There is nobody who could say a text. */
export const NOBODY = commandError(
  'not_capable',
  'Nobody can speak: speech.providers is empty.',
  'Install espeak-ng (apt-get install espeak-ng) and name espeak in speech.providers.',
);

/** The message names a provider that is not among these. */
export const unknownProvider = (name: string, providers: readonly string[]): CommandError =>
  unfit(
    `There is no speech provider ${quoted(name)} here.`,
    `These are in speech.providers: ${providers.join(', ')}.`,
  );

/** Nobody has said the text. */
export function unspoken({ kind, message }: ChainError): CommandError {
  switch (kind) {
    case 'no_provider':
      return NOBODY;
    case 'unknown_provider':
      return unfit(message);
    case 'unspeakable':
      return unfit(message, 'Send it in another language, with another voice, or in other words.');
    case 'failed': {
      const advice = 'Put right what is said there, or name one more provider in speech.providers.';
      return commandError('internal', message, advice);
    }
  }
}

/** What was kept of a spoken text cannot be read any more. */
export const GONE = commandError(
  'internal',
  'The spoken text was thrown away meanwhile.',
  'Send the announcement again.',
);

/** The chime that the message asks for is there, but not its sound. */
export const unheardChime = (problem: string): CommandError =>
  commandError('internal', problem, 'Look at that file in announcements.chimes_dir.');

/** Nothing is fetched from there. */
export const forbiddenUrl = (reason: string): CommandError =>
  commandError(
    'blocked',
    `The sound is not fetched: ${reason}`,
    'Add the host to announcements.allowed_hosts when speakers may fetch from it.',
  );

/** What is there cannot be fetched. */
export const unfetchedUrl = (reason: string): CommandError =>
  unfit(
    `The sound cannot be fetched: ${reason}`,
    'Send the address of an MP3 or WAV file that can be fetched without a login.',
  );

/** What is there is not for speakers. */
export const unplayableUrl = (problem: string): CommandError =>
  unfit(`The URL gives no sound for speakers. ${problem}`, 'Send the address of an MP3 or WAV file.');

/** Something failed that should not; its own words may hold what nobody else should read. */
export const mistake = (what: string): CommandError =>
  commandError('internal', `The sound could not be made (${what}).`, 'Please report it; the log says more.');
