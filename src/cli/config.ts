import { maskedConfig } from '../config/show.ts';
import { type Command, DONE, readSettings, WRONG_USAGE } from './context.ts';

/** Prints the settings in force and where each came from. */
export const config: Command = async (context) => {
  const reveal = context.argv.includes('--reveal');
  const settings = await readSettings(
    context,
    context.argv.filter((flag) => flag !== '--reveal'),
  );
  if (settings === null) return WRONG_USAGE;
  const shown = maskedConfig(settings.config, { reveal, sources: settings.sources });
  if (reveal) context.reveal(shown);
  else context.say(shown);
  return DONE;
};
