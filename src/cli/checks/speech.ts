import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Check, note } from './finding.ts';

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether the program that could speak announcements is there; nothing needs it yet. */
export const checkSpeech: Check = async ({ searchPath }) => {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(folders.map((folder) => isProgram(join(folder, 'espeak-ng'))));
  const seen = found.includes(true) ? 'espeak-ng is installed' : 'espeak-ng is not installed';
  return note('Speech', `${seen}; spoken announcements come in a later version`);
};
