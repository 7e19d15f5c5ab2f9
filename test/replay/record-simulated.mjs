#!/usr/bin/env node
// Makes the recordings that ship in test/fixtures/recordings, with the built bridge (`npm run build`), its real `record`
// and the simulated Sonos:
//
//   node test/replay/record-simulated.mjs                 all of them
//   node test/replay/record-simulated.mjs regrouping      one
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';

const program = join(import.meta.dirname, '../../dist/main.js');
const recordings = join(import.meta.dirname, '../fixtures/recordings');

/** What happens in each: `send` is a command over MQTT, `deed` is somebody with the Sonos app. */
const STORIES = {
  async regrouping({ send, deed }) {
    await send('living-room/set/volume', '31');
    await send('bedroom/set/join', 'living-room');
    await send('all/set/mute', 'true');
    await deed({ action: 'group', room: 'Kitchen', others: ['Office'] });
    await send('office/set/volume', '+5');
    await send('bedroom/set/leave', '');
    await send('kitchen/set/announce', 'chime');
    await deed({ action: 'rename', room: 'Terrace', name: 'Küche & Bad' });
    await send('kuche-bad/set/volume', '12');
    await send('attic/set/volume', '12');
  },
  async favorite({ send, deed }) {
    await send('kitchen/set/favorite', '"Lark Jazz"');
    await send('bedroom/set/favorite', 'lark one');
    await send('office/set/favorite', 'Nothing of That Name');
    await deed({ action: 'fail', room: 'Kitchen' });
    await send('terrace/set/play', '');
    await deed({ action: 'add_favorite', name: 'Jürgens – Ärger' });
    await pause(500);
    await send('office/set/favorite', '"Jürgens – Ärger"');
    await deed({ action: 'remove_favorite', name: 'Morning Coffee' });
    await deed({ action: 'unplug', room: 'Bathroom' });
    await send('bathroom/set/volume', '5');
  },
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function ended(child) {
  if (child.exitCode === null) await once(child, 'exit');
}

/** Logs in as a browser does whose person says yes. */
async function login(page) {
  const first = await fetch(`${page}/login`, { redirect: 'manual' });
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  const second = await fetch(`${first.headers.get('location')}&auto=1`, { redirect: 'manual' });
  const done = await fetch(second.headers.get('location'), { headers: { cookie } });
  if (done.status !== 200) throw new Error(`The login ended with ${done.status}.`);
}

async function until(look, what) {
  for (let waited = 0; waited < 15_000; waited += 100) {
    if (await look()) return;
    await pause(100);
  }
  throw new Error(`expected ${what}`);
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function record(name) {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'));
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
  const [simulated, callback, web, broker] = ports;
  const sonos = `http://127.0.0.1:${simulated}`;
  const run = (...argv) => spawn(process.execPath, [program, ...argv], { cwd: folder, stdio: 'ignore' });
  const cloud = run(
    'simulate',
    `--port=${simulated}`,
    `--callback=http://127.0.0.1:${callback}/sonos/events/story`,
  );
  const settings = {
    'sonos.client_id': 'demo-client',
    'sonos.client_secret': 'demo-secret',
    'sonos.api_url': `${sonos}/control/api/v1`,
    'sonos.login_url': sonos,
    'sonos.redirect_uri': `http://127.0.0.1:${web}/oauth/callback`,
    'callback.port': callback,
    'callback.path': '/sonos/events/story',
    'web.port': web,
    'broker.port': broker,
    'speech.clip_host': '127.0.0.1',
    'speech.clip_port': 0,
  };
  const flags = Object.entries(settings).map(([key, value]) => `--${key}=${value}`);
  await until(() => answers(`${sonos}/sim/state`), 'the simulated Sonos');
  const bridge = run('record', '--out', join(folder, 'record.jsonl'), ...flags);
  try {
    await until(() => answers(`http://127.0.0.1:${web}/health/live`), 'the bridge');
    await login(`http://127.0.0.1:${web}`);
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker}`);
    await pause(4_000);
    await STORIES[name]({
      send: async (topic, payload) => {
        await client.publishAsync(`sonos/home/${topic}`, payload);
        await pause(1_200);
      },
      deed: async (body) => {
        const answer = await fetch(`${sonos}/sim/do`, { method: 'POST', body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`The deed was refused: ${await answer.text()}`);
        await pause(800);
      },
    });
    await pause(9_000);
    await client.endAsync();
    bridge.kill('SIGTERM');
    await ended(bridge);
    await rename(join(folder, 'record.jsonl'), join(recordings, `${name}.jsonl`));
  } finally {
    bridge.kill('SIGKILL');
    cloud.kill('SIGTERM');
    await ended(cloud);
    await rm(folder, { recursive: true, force: true });
  }
}

for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STORIES)) {
  await record(name);
  process.stdout.write(`${name}.jsonl is written.\n`);
}
