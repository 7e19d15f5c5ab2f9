import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './programs.ts';

const passwd = findProgram('mosquitto_passwd', 'mosquitto');

/** Whether mosquitto's own tool for passwords is installed. */
export const passwordsCanBeMade = passwd !== null;

/** The password file as an operator makes it, of passwords by name. */
export async function passwordFile(passwords: Readonly<Record<string, string>>): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'passwords-'));
  const file = join(place, 'passwords');
  try {
    for (const [index, [name, password]] of Object.entries(passwords).entries()) {
      const create = index === 0 ? ['-c'] : [];
      await promisify(execFile)(passwd ?? 'mosquitto_passwd', [...create, '-b', file, name, password]);
    }
    return await readFile(file, 'utf8');
  } finally {
    await rm(place, { recursive: true });
  }
}
