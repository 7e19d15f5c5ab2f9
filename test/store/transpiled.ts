import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll } from 'vitest';

const project = join(import.meta.dirname, '../..');

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/**
 * Makes plain JavaScript of some files of the project and of all that they import, for processes of their own; answers the
 * folder in which they lie as they do in the project. It is gone after the tests of the file.
 */
export function transpile(...entries: readonly string[]): string {
  const out = mkdtempSync(join(tmpdir(), 'store-js-'));
  folders.push(out);
  const wanted = [...entries];
  for (const file of wanted) {
    const source = readFileSync(join(project, file), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    const path = join(out, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
    for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
      const imported = join(dirname(file), fileName.replace(/\.js$/, '.ts'));
      if (fileName.startsWith('.') && !wanted.includes(imported)) wanted.push(imported);
    }
  }
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  symlinkSync(join(project, 'node_modules'), join(out, 'node_modules'));
  return out;
}
