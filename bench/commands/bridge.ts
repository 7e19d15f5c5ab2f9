// The delivered house, from `dist`, without the ceiling on requests that the settings cannot lift: Sonos allows 100 calls in a
// second, so nobody else needs more.

// Seen from where the bench is compiled to, `bench/dist/bench/commands`.
const load = (name: string): Promise<unknown> =>
  import(new URL(`../../../../dist/${name}`, import.meta.url).href);

const { startApp } = (await load('app/app.js')) as typeof import('../../src/app/app.ts');
const { keyOf } = (await load('app/sonos-side.js')) as typeof import('../../src/app/sonos-side.ts');
const { readConfig } = (await load('config/read.js')) as typeof import('../../src/config/read.ts');
const { configSecrets } = (await load(
  'config/config-secrets.js',
)) as typeof import('../../src/config/config-secrets.ts');
const { createLog } = (await load('log.js')) as typeof import('../../src/log.ts');
const { createSecrets } = (await load('secrets.js')) as typeof import('../../src/secrets.ts');

const read = await readConfig({ argv: [], env: process.env, cwd: process.cwd() });
if (!read.ok) throw new Error(JSON.stringify(read.error));
const { config: asDelivered } = read.value;
const secrets = createSecrets();
for (const secret of configSecrets(asDelivered)) secrets.add(secret);
const key = keyOf(asDelivered);
if (key === null) throw new Error('The key is missing.');
const sonos = { ...asDelivered.sonos, requests_per_second: 1_000_000, requests_per_minute: 60_000_000 };
const log = createLog({ level: asDelivered.log.level, secrets });
const app = await startApp({ config: { ...asDelivered, sonos }, key, log, secrets });
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit(0));
});
