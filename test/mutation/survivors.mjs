// Reads the report of a mutation run and the list of mutants that change nothing (equivalent.md); tells the score of each
// file and the survivors that nobody has explained. Ends with 1 when there are any.
import { readFileSync } from 'node:fs';

const [report = 'coverage/mutation.json', list = 'test/mutation/equivalent.md'] = process.argv.slice(2);

const flat = (text) => text.replaceAll(/\s+/g, ' ').trim();

/** The text that a mutant replaces; lines and columns begin at 1, and the end is not part of it. */
function originalOf(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last].slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return flat(lines.join('\n'));
}

/**
 * By file, what was replaced and by what, and how often. Under a file's heading, each line "- `original` →
 * `replacement`: reason" explains one mutant; two that read the same need two lines.
 */
function explanationsOf(markdown) {
  const explanations = new Map();
  let file = '';
  for (const line of markdown.split('\n')) {
    file = /^## (\S+)$/.exec(line)?.[1] ?? file;
    const entry = /^- (`+)(.*?)\1 → (`+)(.*?)\3: \S/.exec(line);
    if (entry === null) continue;
    const key = `${file} ${flat(entry[2])} → ${flat(entry[4])}`;
    explanations.set(key, (explanations.get(key) ?? 0) + 1);
  }
  return explanations;
}

const explained = explanationsOf(readFileSync(list, 'utf8'));
const open = [];
const totals = { killed: 0, equivalent: 0, survived: 0 };
const { files } = JSON.parse(readFileSync(report, 'utf8'));
for (const [file, { source, mutants }] of Object.entries(files)) {
  const counts = { killed: 0, equivalent: 0, survived: 0 };
  for (const { status, location, replacement, mutatorName } of mutants) {
    if (status === 'Killed' || status === 'Timeout') counts.killed += 1;
    if (status !== 'Survived' && status !== 'NoCoverage') continue;
    const change = `${originalOf(source, location)} → ${flat(replacement)}`;
    const key = `${file} ${change}`;
    const left = explained.get(key) ?? 0;
    if (left > 0) {
      explained.set(key, left - 1);
      counts.equivalent += 1;
    } else {
      counts.survived += 1;
      open.push(`${file}:${location.start.line} ${mutatorName}: ${change}`);
    }
  }
  for (const name of Object.keys(totals)) totals[name] += counts[name];
  const { killed, equivalent, survived } = counts;
  console.log(`${file}: ${killed} killed, ${equivalent} change nothing, ${survived} survived`);
}

const { killed, equivalent, survived } = totals;
const score = (100 * killed) / (killed + equivalent + survived);
console.log(
  `\n${killed} killed, ${equivalent} change nothing, ${survived} survived: ${score.toFixed(1)} % killed`,
);
for (const change of open) console.log(`survived: ${change}`);
for (const [key, left] of explained) {
  const isLooked = Object.keys(files).some((file) => key.startsWith(`${file} `));
  if (isLooked && left > 0) console.log(`no longer survives, so it need not be in ${list}: ${key}`);
}
process.exit(open.length > 0 ? 1 : 0);
