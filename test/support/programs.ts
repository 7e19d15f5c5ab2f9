import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers may lie that are not on everybody's PATH. */
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

function find(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...PLACES]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}

/**
 * The path of a program that tests need, or null when it is not installed; then one line says what to install, and
 * the tests skip themselves. Where CI=true they must run, so there it throws. Some are called otherwise elsewhere.
 */
export function findProgram(
  name: string,
  debianPackage: string = name,
  otherNames: readonly string[] = [],
): string | null {
  for (const each of [name, ...otherNames]) {
    const file = find(each);
    if (file !== null) return file;
  }
  const line = `${name} is not installed, so the tests that need it cannot run: apt-get install ${debianPackage}`;
  if (process.env.CI === 'true') throw new Error(line);
  console.warn(line);
  return null;
}
