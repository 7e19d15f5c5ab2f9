import { quoted } from '../bridge/quoted.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type ProgramEnd, runProgram } from './program.ts';
import {
  broken,
  type SpeechFailure,
  type SpeechProvider,
  STOPPED,
  type Utterance,
  unspeakable,
} from './provider.ts';
import { saidBy } from './said.ts';

/** `speech.espeak`. */
export interface EspeakOptions {
  readonly program: string;
  readonly wordsPerMinute: number;
}

/** What may stand behind `-v`: no option, no path. */
const VOICE = /^[A-Za-z0-9+_][A-Za-z0-9+_-]*$/;
const SLOWEST = 80;
const FASTEST = 450;

/**
 * Speech by espeak-ng, an external program that is a package of most systems. The text goes to its standard input only.
 * A voice that it does not have, because it is another provider's, is replaced by one of the language.
 */
export function createEspeak({ program, wordsPerMinute }: EspeakOptions): SpeechProvider {
  return {
    name: 'espeak',
    signature: JSON.stringify([program, wordsPerMinute]),
    async speak(utterance, signal) {
      const pace = Math.round(wordsPerMinute * utterance.speed);
      const words = String(Math.min(FASTEST, Math.max(SLOWEST, pace)));
      for (const voice of voicesOf(utterance)) {
        const args = ['--stdin', '-v', voice, '-s', words, '--stdout'];
        const end = await runProgram(program, args, utterance.text, signal);
        if (!lacksVoice(end)) return outcomeOf(end, program, utterance);
      }
      const language = quoted(utterance.language);
      return err(
        unspeakable(
          `espeak-ng has no voice for the language ${language}; "espeak-ng --voices" lists those it has.`,
        ),
      );
    },
  };
}

/** The names to ask for, the best first: the voice, the language with its region, the language alone. */
function voicesOf({ voice, language }: Utterance): readonly string[] {
  const [bare = '', ...regions] = language.toLowerCase().split(/[-_]/);
  const spoken = [bare, ...regions.filter((region) => region !== bare)].join('-');
  return [...new Set([voice ?? spoken, spoken, bare])].filter((name) => VOICE.test(name));
}

/** espeak-ng 1.51 ends with code 1, or crashes when a voice of that name is no whole one, such as `alloy` or `roa`. */
const lacksVoice = (end: ProgramEnd): boolean =>
  end.kind === 'failed' && /\bvoice\b|Unknown phoneme table/i.test(end.stderr);

function outcomeOf(
  end: ProgramEnd,
  program: string,
  { text, voice }: Utterance,
): Result<Uint8Array, SpeechFailure> {
  switch (end.kind) {
    case 'done':
      return end.stdout.byteLength > 0
        ? ok(end.stdout)
        : err(unspeakable(`${program} gave no sound at all.`));
    case 'not_started':
      return err(broken(notStarted(program, end.code)));
    case 'too_much':
      return err(unspeakable(`${program} gave more than the 20 MB that are taken at most.`));
    case 'stopped':
      return err(STOPPED);
    case 'failed': {
      const how = end.code === null ? `was killed by ${end.by}` : `ended with exit code ${end.code}`;
      const said = saidBy(end.stderr, [text, voice ?? '']);
      return err(broken(`${program} ${how}${said === null ? '.' : `: "${said}".`}`));
    }
  }
}

function notStarted(program: string, code: string): string {
  if (code !== 'ENOENT') return `${program} could not be started (${code}); look at speech.espeak.program.`;
  const install = 'apt-get install espeak-ng, or name another provider in speech.providers.';
  if (program === 'espeak-ng') return `espeak-ng is not installed: ${install}`;
  return `There is no program ${program} (speech.espeak.program). Correct its path, or install espeak-ng: ${install}`;
}
