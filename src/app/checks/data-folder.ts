import { asOwner, holderText } from '../data-folder.ts';
import { type Check, note, well, wrong } from './finding.ts';

const TITLE = 'Data folder';

const closeIt = (folder: string): string => `Close it to others: chmod 700 ${folder}`;

/** Whether the folder of the tokens is there, private, ours to write in, and who has it. */
export const checkDataFolder: Check = async ({ config, folder, refusal }) => {
  const path = config.data_dir;
  switch (folder.kind) {
    case 'absent':
      return folder.canBeMade
        ? note(TITLE, `${path} is not there yet; the bridge makes it at its first start`)
        : wrong(
            TITLE,
            `${path} is not there, and ${folder.parent} may not be written to`,
            `Make it for the user that the bridge runs as, or set data_dir to another folder.`,
          );
    case 'not_a_folder':
      return wrong(TITLE, `${path} is no folder`, 'Set data_dir to one that is, or to a name not yet taken.');
    case 'foreign':
      return wrong(
        TITLE,
        `${path} belongs to user id ${folder.owner}, and doctor runs as ${folder.own}`,
        asOwner(folder.owner),
      );
    case 'closed':
      return wrong(
        TITLE,
        `${path} may not be looked into (${folder.code})`,
        'Run doctor as the user that the bridge runs as.',
      );
    case 'held':
      return folder.isPrivate
        ? well(TITLE, `${path}, private; a bridge has it: ${holderText(folder.holder)}`)
        : wrong(TITLE, `${path} is open to others`, closeIt(path));
    case 'free':
      if (refusal !== null) return wrong(TITLE, `${path} cannot be used`, refusal);
      return well(
        TITLE,
        `${path}, ${folder.isPrivate ? 'private' : 'was open to others and has been closed to them'}, writable; no bridge runs`,
      );
  }
};
