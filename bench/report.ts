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
const CHAPTERS = ['events', 'clips', 'rest'];
const RESULTS = join(PROJECT, 'bench/results');
const PAGE = join(PROJECT, 'docs/performance.md');

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

/** A part's chapter of the page. */
export const chapterOf = ({ title, at, machine, method, tables, notes }: Report): string =>
  [
    `## ${title}`,
    `Measured on ${at.slice(0, 10)}: ${machine}.`,
    list(method),
    ...tables.map(tableMarkdown),
    list(notes),
  ].join('\n\n');

const INTRODUCTION = `# Performance

<!-- Written by \`npm run bench\`. -->

\`npm run bench\` measures this anew and writes this page; \`npm run bench -- events\` runs one part. Absolute figures are those
of one machine at one hour. What can be compared is what ran in turns within one run: the ratios.`;

function readReport(part: string): Report | null {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(join(RESULTS, `${part}.json`), 'utf8')));
  } catch {
    // Not measured yet, or by an older bench.
    return null;
  }
}

/** Prints a report, keeps it with every measurement in \`bench/results\`, and writes the page from all that are there. */
export function publish(report: Report): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${report.part}.json`), `${JSON.stringify(report, null, 2)}\n`);
  for (const table of report.tables) console.log(tableText(table));
  console.log(`\n${report.notes.map((note) => `* ${note}`).join('\n')}`);
  if (!CHAPTERS.includes(report.part)) return;
  const chapters = CHAPTERS.flatMap((part) => readReport(part) ?? []).map(chapterOf);
  writeFileSync(PAGE, `${[INTRODUCTION, ...chapters].join('\n\n')}\n`);
}
