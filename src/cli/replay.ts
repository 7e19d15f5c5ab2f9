import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type RecordedRun, readRecord } from '../app/replay/read-record.ts';
import { type Replayed, replay, settingsOf } from '../app/replay/replay.ts';
import { version } from '../app/version.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type Command, type Context, DONE, FAILED, WRONG_USAGE } from './context.ts';
import { printable } from './text.ts';

const USAGE =
  'Usage: sonos-mqtt-bridge replay FILE [--topics | --timeline] [--json] [--until SECONDS | --until 2026-01-31T18:30:00Z] [--run N]';
const MOST_DIFFERENCES = 10;
const LONGEST = 300;

interface Wish {
  readonly file: string;
  readonly isTimeline: boolean;
  readonly isJson: boolean;
  readonly until: string | null;
  /** Counted from 1; null for the last. */
  readonly run: number | null;
}

function readWish(argv: readonly string[]): Result<Wish, string> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        topics: { type: 'boolean' },
        timeline: { type: 'boolean' },
        json: { type: 'boolean' },
        until: { type: 'string' },
        run: { type: 'string' },
      },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return err('"replay" wants one file.');
    if (values.topics && values.timeline) return err('--topics and --timeline do not go together.');
    if (values.run !== undefined && !/^[1-9]\d{0,4}$/.test(values.run))
      return err(`--run wants a number from 1 on, and found "${printable(values.run)}".`);
    return ok({
      ...{ file, isTimeline: values.timeline === true, isJson: values.json === true },
      until: values.until ?? null,
      run: values.run === undefined ? null : Number(values.run),
    });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the record began. */
function readUntil(word: string | null, run: RecordedRun): Result<number, string> {
  if (word === null) return ok(Number.POSITIVE_INFINITY);
  if (/^\d{1,9}(\.\d{1,3})?s?$/.test(word)) return ok(Number(word.replace('s', '')) * 1000);
  const at = DATE.test(word) ? new Date(word).getTime() : Number.NaN;
  if (Number.isNaN(at))
    return err(
      `--until wants seconds since the record began, or a time such as 2026-01-31T18:30:00Z, and found "${printable(word)}".`,
    );
  return ok(at - run.header.at);
}

function chosen(runs: readonly RecordedRun[], number: number | null): Result<RecordedRun, string> {
  const run = runs.at(number === null ? -1 : number - 1);
  return run === undefined ? err(`The file has ${runs.length} runs, so there is no run ${number}.`) : ok(run);
}

async function readFileOf(context: Context, name: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(resolve(context.cwd, name), 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return err(
      `${printable(name)} could not be read (${code ?? 'unknown'}). Is it the file that "record" wrote?`,
    );
  }
}

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

function showTopics({ say }: Context, { topics }: Replayed, isJson: boolean): void {
  const sorted = [...topics].sort(([a], [b]) => (a < b ? -1 : 1));
  if (isJson) say(JSON.stringify(Object.fromEntries(sorted), null, 2));
  else if (sorted.length > 0)
    say(sorted.map(([topic, payload]) => `${topic} ${printable(payload)}`).join('\n'));
}

function showTimeline({ say }: Context, { messages }: Replayed, isJson: boolean): void {
  for (const { t, at, topic, payload, retained } of messages) {
    const time = new Date(at).toISOString();
    if (isJson) say(JSON.stringify({ t, at: time, topic, payload, retained }));
    else say(`${(t / 1000).toFixed(3).padStart(10)} ${retained ? '=' : '!'} ${topic} ${printable(payload)}`);
  }
}

/** Tells what came of it beside the topics. */
function tell({ complain }: Context, run: RecordedRun, replayed: Replayed): void {
  const { differences, missing, unused, isCut } = replayed;
  if (run.isTorn) complain('The last line of the run was cut off and is left out.');
  if (isCut) complain('The record is not whole, so what happened in its last second is not compared.');
  if (run.header.bridge !== version)
    complain(`Recorded by version ${printable(run.header.bridge)}, replayed by ${version}.`);
  const asked = [...missing].map(([name, times]) => `  ${times} × ${printable(name)}`);
  if (asked.length > 0)
    complain(
      [`The record has no answer to these calls; they were told that Sonos is unreachable:`, ...asked].join(
        '\n',
      ),
    );
  if (unused > 0) complain(`${unused} calls of the record were not made.`);
  if (differences.length === 0) {
    complain('The topics are those of the record.');
    return;
  }
  const shown = differences
    .slice(0, MOST_DIFFERENCES)
    .flatMap(({ t, topic, where, recorded, replayed: now }) => [
      `  ${(t / 1000).toFixed(3)} s ${topic}${where === '' ? '' : `, ${printable(where)}`}`,
      `    recorded ${short(printable(recorded)) || '(nothing)'}`,
      `    replayed ${short(printable(now)) || '(nothing)'}`,
    ]);
  complain([`${differences.length} topics are not those of the record; the first:`, ...shown].join('\n'));
}

async function runOf(context: Context, wish: Wish): Promise<Result<RecordedRun, string>> {
  const text = await readFileOf(context, wish.file);
  if (!text.ok) return text;
  const read = readRecord(text.value);
  if (read.ok) return chosen(read.value, wish.run);
  const file = printable(wish.file);
  return err(read.error.map(({ number, message }) => `${file}:${number}: ${printable(message)}`).join('\n'));
}

/** Plays a record again, shows the topics, and compares them with those of the record. */
export const replayCommand: Command = async (context) => {
  const wish = readWish(context.argv);
  if (!wish.ok) {
    context.complain(`${wish.error}\n${USAGE}`);
    return WRONG_USAGE;
  }
  const run = await runOf(context, wish.value);
  const until = run.ok ? readUntil(wish.value.until, run.value) : run;
  const settings = run.ok ? settingsOf(run.value) : run;
  if (!run.ok || !until.ok || !settings.ok) {
    for (const each of new Set([run, until, settings])) if (!each.ok) context.complain(each.error);
    return run.ok && !until.ok ? WRONG_USAGE : FAILED;
  }
  const replayed = await replay(run.value, settings.value, until.value);
  const { isTimeline, isJson } = wish.value;
  if (isTimeline) showTimeline(context, replayed, isJson);
  else showTopics(context, replayed, isJson);
  tell(context, run.value, replayed);
  return replayed.differences.length === 0 ? DONE : FAILED;
};
