import { type Finding, wrong } from '../app/checks/finding.ts';
import { checks, examine } from '../app/checks/index.ts';
import { openWorld } from '../app/checks/world.ts';
import { configSecrets } from '../config/config-secrets.ts';
import { describeMistakes } from '../config/mistakes.ts';
import { readConfig } from '../config/read.ts';
import { systemClock, systemRandom } from '../system.ts';
import { type Command, type Context, DONE, FAILED } from './context.ts';
import { type Paint, paintFor } from './paint.ts';
import { fitted, printable, wrapped } from './text.ts';

const TITLE_WIDTH = 14;
const WIDTH = 100;
const INDENT = TITLE_WIDTH + 4;

/** A finding as it is printed: a sign, what was looked at, what was seen, what to do. */
export function findingText({ title, verdict, seen, advice }: Finding, paint: Paint): string {
  const signs = { well: paint.good('✓'), wrong: paint.bad('✗'), note: paint.dim('–') };
  const [first = '', ...more] = wrapped(printable(seen), WIDTH - INDENT);
  const rest = [...more, ...(advice === null ? [] : wrapped(`→ ${printable(advice)}`, WIDTH - INDENT))];
  const lines = [` ${signs[verdict]} ${paint.bold(fitted(title, TITLE_WIDTH))} ${first}`];
  return [...lines, ...rest.map((line) => ' '.repeat(INDENT) + line)].join('\n');
}

function summary(context: Context, findings: readonly Finding[]): number {
  const count = findings.filter(({ verdict }) => verdict === 'wrong').length;
  if (count === 0) {
    context.say('\n All is well.');
    return DONE;
  }
  context.say(`\n ${count === 1 ? 'One thing is' : `${count} things are`} wrong; the arrows say what to do.`);
  return FAILED;
}

async function look(context: Context, findings: Finding[], isOver: () => boolean): Promise<void> {
  const paint = paintFor(context);
  const tell = (finding: Finding): void => {
    findings.push(finding);
    context.say(findingText(finding, paint));
  };
  const { argv, env, cwd } = context;
  const read = await readConfig({ argv, env, cwd });
  if (!read.ok) {
    for (const mistake of read.error) {
      tell(
        wrong(
          'Settings',
          describeMistakes([mistake]),
          'Everything else is checked once the settings can be read.',
        ),
      );
    }
    return;
  }
  const { secrets } = context;
  for (const secret of configSecrets(read.value.config)) secrets.add(secret);
  const tools = { secrets, clock: systemClock, random: systemRandom };
  const { world, close } = await openWorld({ ...read.value, ...tools });
  try {
    for await (const finding of examine(world, checks, isOver)) tell(finding);
  } finally {
    await close();
  }
}

/** Checks all that the bridge needs, from the settings to the way of an event, and says what to do. */
export const doctor: Command = async (context) => {
  const findings: Finding[] = [];
  let isOver = false;
  void context.untilSignal.then(() => {
    isOver = true;
  });
  await look(context, findings, () => isOver);
  if (!isOver) return summary(context, findings);
  context.complain('\n Stopped before everything was looked at.');
  return FAILED;
};
