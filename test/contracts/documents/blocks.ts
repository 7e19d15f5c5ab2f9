import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** A file of the project, as text. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A block of code in a document. */
export interface Block {
  /** Where it begins, `docs/commands.md:12`. */
  readonly place: string;
  /** What it says that it is; empty when it does not. */
  readonly language: string;
  readonly text: string;
}

/** Commands that stand in the middle of a sentence, as `npm run demo`. */
export const inlineCommands = (path: string, markdown: string): Block[] =>
  [...markdown.matchAll(/`((?:mosquitto_pub|mosquitto_sub|npm|npx|sonos-mqtt-bridge) [^`\n]+)`/g)].map(
    ({ 1: text = '', index }) => ({
      place: `${path}:${markdown.slice(0, index).split('\n').length}`,
      language: 'sh',
      text,
    }),
  );

/** The blocks of a Markdown document, without the indentation of the list that they stand in. */
export function blocksOf(path: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { readonly line: number; readonly indent: number; readonly language: string } | null = null;
  let lines: string[] = [];
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (fence === null) {
      if (open !== null) lines.push(line.slice(Math.min(open.indent, line.search(/\S|$/))));
      continue;
    }
    if (open === null) {
      open = { line: index + 1, indent: fence[1]?.length ?? 0, language: fence[2]?.trim() ?? '' };
      continue;
    }
    blocks.push({ place: `${path}:${open.line}`, language: open.language, text: lines.join('\n') });
    open = null;
    lines = [];
  }
  if (open !== null) throw new Error(`${path}:${open.line}: the block has no end.`);
  return blocks;
}
