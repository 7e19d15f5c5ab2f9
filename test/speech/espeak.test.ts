import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEspeak } from '../../src/speech/espeak.ts';
import type { Utterance } from '../../src/speech/provider.ts';
import { cleanText } from '../../src/speech/text.ts';
import { figure, sized } from '../support/figures.ts';
import { findProgram } from '../support/programs.ts';
import { failureOf, patient, soundOf } from './sound-server.ts';

const installed = findProgram('espeak-ng');
const setsid = findProgram('setsid', 'util-linux');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espeak-'));
});
afterAll(async () => {
  // There are some only when a test failed.
  for (const pid of pids) if (await lives(pid)) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true });
});
const pids = new Set<number>();

const utterance = (text: string, more: Partial<Utterance> = {}): Utterance => ({
  ...{ text, language: 'en', voice: null, speed: 1 },
  ...more,
});

let scripts = 0;
/** A shell script in the place of espeak-ng; `$DIR` is a folder of its own. */
async function standIn(lines: string) {
  scripts += 1;
  const dir = await mkdtemp(join(folder, `${scripts}-`));
  const program = join(dir, 'program');
  await writeFile(program, `#!/bin/sh\nDIR='${dir}'\n${lines}\n`);
  await chmod(program, 0o755);
  const read = (name: string) => readFile(join(dir, name), 'utf8');
  const pid = async (name: string): Promise<number> => {
    for (;;) {
      const seen = Number.parseInt(await read(name).catch(() => ''), 10);
      if (seen > 0) {
        pids.add(seen);
        return seen;
      }
      await setTimeout(5);
    }
  };
  return { program, dir, read, pid, espeak: createEspeak({ program, wordsPerMinute: 160 }) };
}

/** Whether a process still does something; one that only waits to be buried does not. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

async function ends(pid: number): Promise<void> {
  while (await lives(pid)) await setTimeout(5);
}

/** The samples behind the header. */
const samplesOf = (wav: Buffer): Buffer => {
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  expect(wav.toString('latin1', 8, 12)).toBe('WAVE');
  return wav.subarray(44);
};

describe.skipIf(installed === null)('espeak-ng', () => {
  const espeak = createEspeak({ program: 'espeak-ng', wordsPerMinute: 160 });
  const say = async (text: string, more: Partial<Utterance> = {}) =>
    samplesOf(soundOf(await espeak.speak(utterance(text, more), patient())));

  it.each([
    '--version',
    '-f /etc/passwd',
    '-w hacked.wav',
    'He said "no" and \'yes\'',
    '<speak>a < b & c > d</speak> <break time="10s"/>',
    '$(touch hacked) `touch hacked` ; touch hacked | touch hacked',
    '[[h@l@U]] ]] [[',
    'Line one\nline two\r\nline three',
    '😀 party 🎉',
    'Ужин готов',
    '晚饭好了',
    '%s%n%x \\n \\0',
    `${'Dinner is ready. '.repeat(29)}Please.`,
  ])('speaks %j as words', async (text) => {
    const cleaned = cleanText(text, 500);
    if (!cleaned.ok) throw new Error(cleaned.error);
    const samples = await say(cleaned.value);
    // More than half a second, and not silence.
    expect(samples.length).toBeGreaterThan(22_050);
    expect(new Set(samples).size).toBeGreaterThan(100);
    await expect(readFile('hacked')).rejects.toThrow('ENOENT');
    await expect(readFile('hacked.wav')).rejects.toThrow('ENOENT');
  });

  it('does not pronounce phonemes that a text brings along', async () => {
    const cleaned = cleanText('[[h@l@U]]', 500);
    expect(await say(cleaned.ok ? cleaned.value : '')).not.toEqual(await say('[[h@l@U]]'));
  });

  it('speaks the same text the same way each time, faster when asked to, and in the language asked for', async () => {
    const plain = await say('Garage door open');
    expect(await say('Garage door open')).toEqual(plain);
    expect((await say('Garage door open', { speed: 2 })).length).toBeLessThan(plain.length * 0.75);
    expect(await say('Garage door open', { language: 'de' })).not.toEqual(plain);
    expect(await say('Garage door open', { voice: 'en+f3' })).not.toEqual(plain);
  });

  it.each([
    ['de-DE', 'de'],
    ['de_AT', 'de'],
    ['fr-FR', 'fr'],
    ['pt_BR', 'pt-br'],
    ['en-US', 'en-us'],
    ['zh-Hans-CN', 'zh'],
  ])('speaks %s as it speaks %s', async (language, same) => {
    expect(await say('Ja, no, 12', { language })).toEqual(await say('Ja, no, 12', { language: same }));
  });

  it('speaks in a voice of the language when the voice is one of another provider', async () => {
    const german = await say('Hallo', { language: 'de' });
    for (const voice of [
      'alloy',
      'de_DE-thorsten-low',
      'Microsoft Zira',
      '--stdin',
      '/etc/passwd',
      '../de',
      '',
    ])
      expect(await say('Hallo', { language: 'de', voice })).toEqual(german);
  });

  // Asked for `roa`, espeak-ng crashes.
  it.each(['xx-YY', 'roa'])(
    'says that it does not have %s, and that this is not its own fault',
    async (language) => {
      expect(failureOf(await espeak.speak(utterance('Hi', { language }), patient()))).toEqual({
        fault: 'message',
        reason: `espeak-ng has no voice for the language "${language}"; "espeak-ng --voices" lists those it has.`,
      });
    },
  );

  it('gives no sound for a text without any', async () => {
    expect(failureOf(await espeak.speak(utterance(''), patient()))).toEqual({
      fault: 'message',
      reason: 'espeak-ng gave no sound at all.',
    });
  });
});

describe('the program that speaks', () => {
  it('never sees the text in its arguments or its environment, and nothing of ours there', async () => {
    const { espeak, program, read } = await standIn(
      'cat /proc/$$/cmdline > $DIR/argv; cat /proc/$$/environ > $DIR/environ; cat > $DIR/stdin; printf sound',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 500 }),
      fc.string({ unit: fc.constantFrom(...'-\'"$()`;|&<>\\*?~#!%[] ax'), maxLength: 80 }),
      fc.constantFrom('--help', '-', '--stdin', '$(id)', '`id`', "'; id; '", '%PATH%', '$HOME'),
    );
    const numRuns = sized(25, 1000);
    process.env.BRIDGE_TEST_SECRET = 'never-to-be-handed-on';
    try {
      await fc.assert(
        fc.asyncProperty(texts, async (raw) => {
          const cleaned = cleanText(raw, 500);
          fc.pre(cleaned.ok);
          const text = cleaned.ok ? cleaned.value : '';
          expect(
            soundOf(await espeak.speak(utterance(text, { language: 'pt_BR' }), patient())).toString(),
          ).toBe('sound');
          const argv = ['/bin/sh', program, '--stdin', '-v', 'pt-br', '-s', '160', '--stdout', ''];
          expect(await read('argv')).toBe(argv.join('\0'));
          const environ = (await read('environ')).split('\0').sort();
          expect(environ).toEqual(['', 'LANG=C.UTF-8', `PATH=${process.env.PATH}`]);
          expect(await read('stdin')).toBe(text);
        }),
        { numRuns },
      );
    } finally {
      delete process.env.BRIDGE_TEST_SECRET;
    }
    figure('hostile texts that reached a program by its standard input only', numRuns);
  });

  it('is asked for the voice, then the region, then the language, until it knows one', async () => {
    const { espeak, read } = await standIn(
      `echo "$3 $5" >> $DIR/asked
      [ "$3" = de ] && printf sound && exit 0
      echo 'Error: The specified espeak-ng voice does not exist.' >&2; exit 1`,
    );
    const spoken = await espeak.speak(
      utterance('Hallo', { language: 'de_AT', voice: 'nova', speed: 1.25 }),
      patient(),
    );
    expect(soundOf(spoken).toString()).toBe('sound');
    expect(await read('asked')).toBe('nova 200\nde-at 200\nde 200\n');
  });

  it.each([
    [0.5, 100, '80'],
    [2, 300, '450'],
    [1, 333, '333'],
    [1.5, 161, '242'],
  ])('at speed %d of %d words a minute is asked for %s', async (speed, wordsPerMinute, words) => {
    const { program, read } = await standIn('echo "$5" > $DIR/words; printf sound');
    soundOf(await createEspeak({ program, wordsPerMinute }).speak(utterance('x', { speed }), patient()));
    expect((await read('words')).trim()).toBe(words);
  });

  it('is named, with what to install, when it is missing or may not be run', async () => {
    const at = async (program: string) =>
      failureOf(await createEspeak({ program, wordsPerMinute: 160 }).speak(utterance('Hi'), patient()));
    expect(await at(join(folder, 'nothing-here'))).toEqual({
      fault: 'provider',
      reason: `There is no program ${join(folder, 'nothing-here')} (speech.espeak.program). Correct its path, or install espeak-ng: apt-get install espeak-ng, or name another provider in speech.providers.`,
    });
    expect((await at(folder)).reason).toBe(
      `${folder} could not be started (EACCES); look at speech.espeak.program.`,
    );
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      expect((await at('espeak-ng')).reason).toBe(
        'espeak-ng is not installed: apt-get install espeak-ng, or name another provider in speech.providers.',
      );
    } finally {
      process.env.PATH = path;
    }
  });

  it('that fails is told with its exit code and its words, but for those of the text', async () => {
    const failing = await standIn('cat > /dev/null; echo "no data\n at all" >&2; exit 3');
    expect(failureOf(await failing.espeak.speak(utterance('Secret party'), patient()))).toEqual({
      fault: 'provider',
      reason: `${failing.program} ended with exit code 3: "no data at all".`,
    });
    const telling = await standIn('cat >&2; exit 1');
    expect(failureOf(await telling.espeak.speak(utterance('Secret party'), patient())).reason).toBe(
      `${telling.program} ended with exit code 1.`,
    );
    const killed = await standIn('kill -SEGV $$');
    expect(failureOf(await killed.espeak.speak(utterance('x'), patient())).reason).toBe(
      `${killed.program} was killed by SIGSEGV.`,
    );
  });

  it('may end before it has read the whole text, and may say more than anybody wants to hear', async () => {
    const deaf = await standIn('exec <&-; echo $$ > $DIR/pid; exit 4');
    const long = 'x'.repeat(1_000_000);
    expect(failureOf(await deaf.espeak.speak(utterance(long), patient())).reason).toContain('exit code 4.');
    const noisy = await standIn("head -c 3000000 /dev/zero | tr '\\0' y >&2; exit 5");
    const { reason } = failureOf(await noisy.espeak.speak(utterance('x'), patient()));
    expect(reason).toBe(`${noisy.program} ended with exit code 5: "${'y'.repeat(119)}…".`);
  });

  it('that never stops giving is killed after 20 MB', async () => {
    const { espeak, program, pid } = await standIn('echo $$ > $DIR/pid; exec yes');
    expect(failureOf(await espeak.speak(utterance('x'), patient())).reason).toBe(
      `${program} gave more than the 20 MB that are taken at most.`,
    );
    await ends(await pid('pid'));
  });

  it('that hangs is killed with everything it started when it is told to stop', async () => {
    const { espeak, pid } = await standIn(
      'trap "" TERM INT HUP; sleep 600 & echo $! > $DIR/child; echo $$ > $DIR/pid; wait',
    );
    const abort = new AbortController();
    const speaking = espeak.speak(utterance('x'), abort.signal);
    const [child, leader] = [await pid('child'), await pid('pid')];
    expect(await lives(child)).toBe(true);
    abort.abort();
    expect(failureOf(await speaking).reason).toBe('It was stopped before it was done.');
    await ends(child);
    await ends(leader);
  });

  it.skipIf(setsid === null)(
    'is not waited for when something that left its group keeps the pipe open',
    async () => {
      const { espeak, pid } = await standIn(
        'setsid sh -c \'echo $$ > "$1/child"; exec sleep 600\' - $DIR & while [ ! -s $DIR/child ]; do sleep 0.01; done',
      );
      const abort = new AbortController();
      const speaking = espeak.speak(utterance('x'), abort.signal);
      const child = await pid('child');
      abort.abort();
      expect(failureOf(await speaking).reason).toBe('It was stopped before it was done.');
      process.kill(child, 'SIGKILL');
      await ends(child);
    },
  );

  it('is not started any more when nobody waits', async () => {
    const { espeak, read } = await standIn('echo x > $DIR/started; printf sound');
    expect(failureOf(await espeak.speak(utterance('x'), AbortSignal.abort())).reason).toContain('stopped');
    await setTimeout(50);
    await expect(read('started')).rejects.toThrow('ENOENT');
  });
});
