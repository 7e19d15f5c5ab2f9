import { FROM_PAGE, missingOf } from '../integration.ts';
import { type Check, well, wrong } from './finding.ts';

const TITLE = 'Settings';

/** Where the settings came from: `config/config.yaml, 2 variables and 1 flag`. */
function originOf(sources: ReadonlyMap<string, string>): string {
  const all = [...sources.values()];
  const files = new Set(all.flatMap((source) => /^(.+):\d+$/.exec(source)?.[1] ?? []));
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  const parts = [
    ...files,
    ...counted(all.filter((source) => source.startsWith('BRIDGE_')).length, 'variable'),
    ...counted(all.filter((source) => source.startsWith('--')).length, 'flag'),
    ...(all.includes(FROM_PAGE) ? [FROM_PAGE] : []),
  ];
  return parts.length === 0 ? 'nothing but defaults' : parts.join(', ');
}

/** Whether all is there without which nothing can be asked of Sonos. */
export const checkSettings: Check = async ({ config, sources }) => {
  const missing = missingOf(config);
  const origin = originOf(sources);
  if (missing.length === 0) return well(TITLE, `from ${origin}; key, secret and redirect URI are set`);
  return wrong(
    TITLE,
    `from ${origin}; missing: ${missing.join(', ')}`,
    'Make an integration at https://developer.sonos.com, register a redirect URI there, and give key, secret and redirect URI to the page of the bridge; or copy them into config/config.yaml.',
  );
};
