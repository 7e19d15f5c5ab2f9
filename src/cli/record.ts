import { err, ok, type Result } from '../bridge/result.ts';
import { type Command, readSettings, WRONG_USAGE } from './context.ts';
import { start } from './start.ts';

const FILE = 'record.jsonl';

/** Takes `--out FILE` out of the flags; the others are settings. Null when it is not among them. */
export function takeOut(
  argv: readonly string[],
): Result<{ readonly out: string | null; readonly rest: readonly string[] }, string> {
  const at = argv.findIndex((word) => word === '--out' || word.startsWith('--out='));
  if (at === -1) return ok({ out: null, rest: argv });
  const [flag = '', value = ''] = argv.slice(at, at + 2);
  const isJoined = flag.includes('=');
  const out = isJoined ? flag.slice('--out='.length) : value;
  if (out === '' || (!isJoined && out.startsWith('--')))
    return err('--out wants a file, such as --out /tmp/record.jsonl.');
  return ok({ out, rest: argv.toSpliced(at, isJoined ? 1 : 2) });
}

/** The daemon, which also writes down what happens: into `--out`, the file of the settings, or one in this folder. */
export const record: Command = async (context) => {
  const taken = takeOut(context.argv.map((word) => (word === '--with-names' ? '--record.names=true' : word)));
  if (!taken.ok) {
    context.complain(taken.error);
    return WRONG_USAGE;
  }
  const { out, rest } = taken.value;
  const settings = out === null ? await readSettings(context, rest) : null;
  if (out === null && settings === null) return WRONG_USAGE;
  const file = out ?? (settings?.config.record.file === undefined ? FILE : null);
  return start({ ...context, argv: file === null ? rest : [...rest, `--record.file=${file}`] });
};
