import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT } from './harness/child.ts';

const tableSchema = z.object({
  heading: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
});

export type Table = z.output<typeof tableSchema>;

const goalSchema = z.object({
  /** What is to be reached, in a few words. */
  what: z.string(),
  /** The bound, in words: `≥ 0.90 of the floor`. */
  goal: z.string(),
  /** What the floor had; empty where there is none. */
  floor: z.string(),
  reached: z.string(),
  /** How much of the goal was reached: 1 or more when all of it, 0.5 when half. */
  share: z.number(),
});

export type Goal = z.output<typeof goalSchema>;

const plotSchema = z.object({
  /** Of its file in `docs/images`, without `performance-` and `.svg`. */
  name: z.string(),
  /** What it shows, for those who do not see it. */
  about: z.string(),
  svg: z.string(),
});

export type Plot = z.output<typeof plotSchema>;

/** What one part of the bench found out. */
const reportSchema = z.object({
  part: z.string(),
  title: z.string(),
  /** When it was measured, ISO 8601. */
  at: z.string(),
  machine: z.string(),
  /** What was done, before the tables. */
  method: z.array(z.string()),
  goals: z.array(goalSchema).default([]),
  tables: z.array(tableSchema),
  plots: z.array(plotSchema).default([]),
  /** How the tables are to be read, after them. */
  notes: z.array(z.string()),
  /** Every single measurement. */
  data: z.unknown(),
});

export type Report = z.input<typeof reportSchema>;

/** The reports that have a chapter on the page, in its order. */
const CHAPTERS = ['events', 'commands', 'footprint', 'scale', 'clips'];
const RESULTS = join(PROJECT, 'bench/results');
const PAGE = join(PROJECT, 'docs/performance.md');
const IMAGES = join(PROJECT, 'docs/images');
const imageName = (plot: Plot): string => `performance-${plot.name}.svg`;

/** A number with so many digits that they mean something. */
export function figure(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, size >= 10_000 ? ' ' : '');
  return unit === '' ? text : `${text} ${unit}`;
}

/** A table for the terminal. */
export function tableText({ heading, columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [`\n${heading}`, line(columns), ...rows.map(line)].join('\n');
}

const tableMarkdown = ({ heading, columns, rows }: Table): string =>
  [
    `**${heading}**\n`,
    `| ${columns.join(' | ')} |`,
    `|${columns.map((_, index) => (index === 0 ? ' --- ' : ' ---: ')).join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const isMet = ({ share }: Goal): boolean => share >= 1;

/** One goal in one line, for the terminal. */
export const goalText = (goal: Goal): string =>
  `goal ${goal.what}: ${goal.goal}${goal.floor === '' ? '' : ` (floor ${goal.floor})`}, reached ${goal.reached}: ${
    isMet(goal) ? 'met' : `not met, ${figure(goal.share * 100)} % of it`
  }`;

/** All goals of all parts. */
export const goalsMarkdown = (goals: readonly Goal[]): string =>
  [
    '| | goal | floor | reached | |',
    '| --- | ---: | ---: | ---: | --- |',
    ...goals.map((goal) => {
      const { what, goal: bound, floor, reached } = goal;
      return `| ${what} | ${bound} | ${floor === '' ? '–' : floor} | ${reached} | ${isMet(goal) ? 'met' : '**not met**'} |`;
    }),
  ].join('\n');

const folded = (summary: string, text: string): string =>
  text === '' ? '' : `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>`;

/** A part's chapter of the page: plots, tables and notes, and how it was measured behind a fold. */
export const chapterOf = ({ title, at, machine, method, tables, notes, plots = [] }: Report): string =>
  [
    `## ${title}`,
    `Measured on ${at.slice(0, 10)}: ${machine}.`,
    ...plots.map((plot) => `![${plot.about}](images/${imageName(plot)})`),
    folded('How it was measured', list(method)),
    ...tables.map(tableMarkdown),
    list(notes),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const INTRODUCTION = `# Performance

<!-- Written by \`npm run bench\`. -->

\`npm run bench\` measures all this anew and writes this page; \`npm run bench -- events\` runs one part, and \`--short\` gives just the
goals in a few minutes, writes nothing, and fails where less than half of a goal is reached. It needs Linux, \`mosquitto\` and
\`taskset\`; Node-RED for comparison comes with \`npm ci --prefix test/node-red --ignore-scripts\`. Only Sonos is simulated.

Each part runs the bridge and a **floor** in turns: a bare program that does the same work, same messages and same bytes, with no
feature around it. The program under test has the first core to itself. Load generator, subscriber, broker and the simulated
Sonos are processes of their own and share the other cores (on a machine with two, one), and how busy those were is in the tables: when
they are the limit, the measurement is not counted. Absolute figures are those of one machine at one hour, which others use, too. What
can be compared is what ran in turns within one run: the ratios.`;

function readReport(part: string): z.output<typeof reportSchema> | null {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(join(RESULTS, `${part}.json`), 'utf8')));
  } catch {
    // Not measured yet, or by an older bench.
    return null;
  }
}

function writePage(): void {
  const reports = CHAPTERS.flatMap((part) => readReport(part) ?? []);
  const goals = reports.flatMap((report) => report.goals);
  const summary = goals.length === 0 ? [] : ['## Goals', goalsMarkdown(goals)];
  mkdirSync(IMAGES, { recursive: true });
  for (const plot of reports.flatMap(({ plots }) => plots))
    writeFileSync(join(IMAGES, imageName(plot)), plot.svg);
  writeFileSync(PAGE, `${[INTRODUCTION, ...summary, ...reports.map(chapterOf)].join('\n\n')}\n`);
}

/** Prints a report with a line for each goal. */
export function print({ tables, notes, goals = [] }: Report): void {
  for (const table of tables) console.log(tableText(table));
  console.log(`\n${notes.map((note) => `* ${note}`).join('\n')}`);
  if (goals.length > 0) console.log(`\n${goals.map(goalText).join('\n')}`);
}

/** Keeps a report with every measurement in \`bench/results\`, and writes the page from all that are there. */
export function keep(report: Report): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${report.part}.json`), `${JSON.stringify(report, null, 2)}\n`);
  if (CHAPTERS.includes(report.part)) writePage();
}

/** Where so little of a goal is reached that it cannot be the noise of the machine. */
export const isFarFrom = ({ share }: Goal): boolean => !(share >= 0.5);
