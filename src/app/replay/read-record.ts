import { z } from 'zod';
import { err, ok, type Result } from '../../bridge/result.ts';
import { FORMAT, type LineOf, type RecordLine, recordLine } from '../record/lines.ts';

/** One run of a bridge, as it was recorded. */
export interface RecordedRun {
  readonly header: LineOf<'record'>;
  /** What follows the header. */
  readonly lines: readonly RecordLine[];
  /** Whether its last line was cut off in the middle, as by a crash. */
  readonly isTorn: boolean;
}

/** A line that cannot be read, and why; counted from 1. */
export interface LineMistake {
  readonly number: number;
  readonly message: string;
}

const MOST_MISTAKES = 5;
const anyHeader = z.object({ line: z.literal('record'), format: z.unknown(), bridge: z.unknown() });

type Read = { readonly json: unknown } | 'torn';

function jsonOf(text: string): Read {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return 'torn';
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

function readLine(json: unknown): Result<RecordLine, string> {
  const read = recordLine.safeParse(json);
  if (read.success) return ok(read.data);
  const header = anyHeader.safeParse(json).data;
  if (header !== undefined && header.format !== FORMAT)
    return err(
      `it was written by version ${JSON.stringify(header.bridge)} in format ${JSON.stringify(header.format)}, and this version reads format ${FORMAT}. Replay it with the version that wrote it.`,
    );
  const issues = read.error.issues.slice(0, 3).map(({ path, message }) => {
    const where = path.map(String).join('.');
    return where === '' || where === 'line' ? `${where} ${message}`.trim() : `"${where}": ${message}`;
  });
  return err(`not a line of a record: ${issues.join('; ')}. Was it changed by hand?`);
}

const isHeaderText = (text: string | undefined): boolean => text?.startsWith('{"line":"record"') === true;

/** Reads a record: its runs, or what is wrong with it. A line that was cut off at the end of a run is left out. */
export function readRecord(text: string): Result<readonly RecordedRun[], readonly LineMistake[]> {
  const rows = text
    .split('\n')
    .map((row, index) => ({ row, number: index + 1 }))
    .filter(({ row }) => row.trim() !== '');
  const runs: { header: LineOf<'record'>; lines: RecordLine[]; isTorn: boolean }[] = [];
  const mistakes: LineMistake[] = [];
  for (const [index, { row, number }] of rows.entries()) {
    if (mistakes.length >= MOST_MISTAKES) break;
    const run = runs.at(-1);
    const json = jsonOf(row);
    const next = rows[index + 1]?.row;
    if (json === 'torn') {
      const isLast = next === undefined || isHeaderText(next);
      if (isLast && run !== undefined) run.isTorn = true;
      else mistakes.push({ number, message: `expected a line of JSON, and found ${shortened(row)}` });
      continue;
    }
    const line = readLine(json.json);
    if (!line.ok) mistakes.push({ number, message: line.error });
    else if (line.value.line === 'record') runs.push({ header: line.value, lines: [], isTorn: false });
    else if (run === undefined && line.value.line !== 'end')
      mistakes.push({
        number,
        message:
          'expected the header {"line":"record",…} before anything else. Is the beginning of the file missing?',
      });
    else run?.lines.push(line.value);
  }
  if (mistakes.length > 0) return err(mistakes);
  if (runs.length === 0)
    return err([{ number: 1, message: 'expected a record, and found nothing in the file.' }]);
  return ok(runs);
}
