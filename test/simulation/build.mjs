// Makes plain JavaScript of the bridge and the simulation, without a look at types: `node test/simulation/build.mjs`.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const PROJECT = join(import.meta.dirname, '../..');
const DIST = join(import.meta.dirname, 'dist');

const options = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

const transpiled = (text) => ts.transpileModule(text, { compilerOptions: options }).outputText;

function sourcesOf(folder) {
  const names = readdirSync(join(PROJECT, folder), { recursive: true });
  return names
    .filter((name) => /(?<!\.test|\.d)\.ts$/.test(name) && !name.startsWith('dist'))
    .map((name) => join(folder, name));
}

/** Where the compiled simulation lies. */
export const compiled = (folder = DIST) => join(folder, 'test/simulation');

/** Compiles everything anew. */
export function build() {
  rmSync(DIST, { recursive: true, force: true });
  const sources = [...sourcesOf('src'), ...sourcesOf('test/simulation'), 'test/support/timer-heap.ts'];
  for (const source of sources) {
    const target = join(DIST, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transpiled(readFileSync(join(PROJECT, source), 'utf8')));
  }
  cpSync(join(PROJECT, 'package.json'), join(DIST, 'package.json'));
}

/** A copy of what was compiled, with a bug in one file; answers its folder. Throws when the bug does not fit any more. */
export function plant({ name, file, find, put }) {
  const text = readFileSync(join(PROJECT, file), 'utf8');
  if (text.split(find).length !== 2)
    throw new Error(`"${name}" fits ${file} ${text.split(find).length - 1} times, not once.`);
  const folder = join(DIST, 'planted', name.replaceAll(/[^a-z]+/gi, '-'));
  for (const part of ['src', 'test', 'package.json'])
    cpSync(join(DIST, part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), transpiled(text.replace(find, () => put)));
  return folder;
}

if (process.argv[1] === import.meta.filename) build();
