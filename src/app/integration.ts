import { z } from 'zod';
import type { Sources } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { peekDocument } from '../store/peek.ts';

/** What the page may be told of the integration, by its name on the wire. */
export const SETUP_FIELDS = ['client_id', 'client_secret', 'redirect_uri', 'public_url'] as const;

/** One of them. */
export type SetupField = (typeof SETUP_FIELDS)[number];

/** The setting that says the same as a field. */
export const SETTING_OF = {
  client_id: 'sonos.client_id',
  client_secret: 'sonos.client_secret',
  redirect_uri: 'sonos.redirect_uri',
  public_url: 'callback.public_url',
} as const satisfies Record<SetupField, string>;

/** What sources name in place of a file and line when the page has kept a value. */
export const FROM_PAGE = 'the page';

/** The name of the document in which the page's values are kept. */
export const INTEGRATION = 'integration';

/** See `IntegrationRecord`. */
export const integrationSchema = z.object({
  client_id: z.string().exactOptional(),
  client_secret: z.string().exactOptional(),
  redirect_uri: z.string().exactOptional(),
  public_url: z.string().exactOptional(),
});

/** What a person told the page of their integration; kept in the data folder. */
export type IntegrationRecord = Readonly<z.output<typeof integrationSchema>>;

/** Settings with where each came from. */
export interface SourcedSettings {
  readonly config: Config;
  readonly sources: Sources;
}

/** What the settings themselves say of a field. */
export function givenOf({ sonos, callback }: Config, field: SetupField): string | undefined {
  return field === 'public_url' ? callback.public_url : sonos[field];
}

/** The settings in force: what file, variables and flags leave open is what the page has kept. */
export function withKept({ config, sources }: SourcedSettings, kept: IntegrationRecord): SourcedSettings {
  const taken = SETUP_FIELDS.filter(
    (field) => givenOf(config, field) === undefined && kept[field] !== undefined,
  );
  if (taken.length === 0) return { config, sources };
  const { public_url, ...sonos } = Object.fromEntries(taken.map((field) => [field, kept[field]]));
  return {
    config: {
      ...config,
      sonos: { ...config.sonos, ...sonos },
      callback: { ...config.callback, ...(public_url === undefined ? {} : { public_url }) },
    },
    sources: new Map([...sources, ...taken.map((field) => [SETTING_OF[field], FROM_PAGE] as const)]),
  };
}

/** What the page has kept in a data folder, also while a bridge has it. */
export async function keptIn(folder: string): Promise<IntegrationRecord> {
  return (await peekDocument(folder, INTEGRATION, integrationSchema)) ?? {};
}

/** The names of the settings without which nothing can be asked of Sonos, and that are missing. */
export function missingOf({ sonos }: Config): string[] {
  return (['client_id', 'client_secret', 'redirect_uri'] as const).flatMap((field) =>
    sonos[field] === undefined ? [SETTING_OF[field]] : [],
  );
}
