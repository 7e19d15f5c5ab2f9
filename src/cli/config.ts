import { keptIn, withKept } from '../app/integration.ts';
import { configSecrets } from '../config/config-secrets.ts';
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
  const { config: inForce, sources } = withKept(settings, await keptIn(settings.config.data_dir));
  for (const secret of configSecrets(inForce)) context.secrets.add(secret);
  const shown = maskedConfig(inForce, { reveal, sources });
  if (reveal) context.reveal(shown);
  else context.say(shown);
  return DONE;
};
