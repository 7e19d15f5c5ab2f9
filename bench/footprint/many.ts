import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startApp } from '../../src/app/app.ts';
import { systemDoors } from '../../src/app/doors.ts';
import { keyOf } from '../../src/app/sonos-side.ts';
import type { SonosCall } from '../../src/bridge/sonos.ts';
import { readConfig } from '../../src/config/read.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import type { Http } from '../../src/sonos/http.ts';
import { householdOf } from '../scale/place.ts';
import { createInstantSonos } from '../scale/sonos.ts';

// The whole daemon, started by code: with more requests a minute than the settings allow, since Sonos' own limit would make
// thousands of players take half an hour, and with Sonos' answers made up in the process.

const { households, roomsEach, dataDir } = z
  .object({ households: z.number(), roomsEach: z.number(), dataDir: z.string() })
  .parse(JSON.parse(process.env.MANY ?? ''));

const YEAR_MS = 365 * 86_400_000;
const MOST = 1e9;

/** An account that was linked in an earlier run. */
const account = {
  ...{
    id: 'account',
    refresh_token: 'refresh-token-of-the-bench',
    access_token: 'access-token-of-the-bench',
  },
  ...{ expires_at: Date.now() + YEAR_MS, status: 'linked', linked_at: Date.now() },
  households: Array.from({ length: households }, (_, index) => householdOf(index)),
};
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
writeFileSync(join(dataDir, 'accounts.json'), JSON.stringify({ accounts: [account] }), { mode: 0o600 });

const sonos = createInstantSonos(households, roomsEach);
const http: Http = async ({ method, url }) => {
  const path = url.replace(/^.*\/control\/api\/v1/, '');
  const answer = await sonos.send({ method, path } satisfies Pick<SonosCall, 'method' | 'path'>);
  if (!answer.ok) throw new Error("the bench's Sonos refuses nothing");
  return { ok: true, value: { status: 200, headers: new Map(), text: JSON.stringify(answer.value) } };
};

const read = await readConfig({ argv: [], env: process.env, cwd: dataDir });
if (!read.ok) throw new Error(JSON.stringify(read.error));
const given = read.value.config;
const config = { ...given, sonos: { ...given.sonos, requests_per_second: MOST, requests_per_minute: MOST } };
const key = keyOf(config);
if (key === null) throw new Error('there is no key');
const secrets = createSecrets();
const log = createLog({ level: config.log.level, secrets });
const app = await startApp({ config, key, log, secrets, doors: { ...systemDoors, createHttp: () => http } });
log.log.info('The bridge runs.');
process.on('SIGTERM', () => void app.stop().then(() => process.exit(0)));
