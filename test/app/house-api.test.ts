import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import type { Reply } from '../../src/bridge/replies.ts';
import type { TraceEntry } from '../../src/web/api/messages.ts';
import type { TraceDocument } from '../../src/web/api/trace.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from '../e2e/house.ts';
import { canary } from '../e2e/secret-house.ts';
import { searcherFor } from '../support/canaries.ts';
import { readLive } from '../support/live-reader.ts';
import { findProgram } from '../support/programs.ts';

const SECRETS = [
  { name: 'speech key', value: canary('openai') },
  { name: 'token', value: canary('home') },
];
const [KEY, TOKEN] = SECRETS.map(({ value }) => value);

let house: RunningHouse;
let observer: Observer;

beforeAll(async () => {
  house = await startHouse({
    settings: {
      commands: { confirm_seconds: 2 },
      speech: {
        openai: { url: 'http://127.0.0.1:9', key: KEY },
        home_assistant: { url: 'http://127.0.0.1:9', token: TOKEN },
      },
    },
  });
  await flowing(house);
  observer = await Observer.connect(house.brokerPort);
}, 30_000);

afterAll(async () => {
  await observer.end();
  await house.stop();
});

const at = (path: string): string => `http://127.0.0.1:${house.app.privatePort}/api/${path}`;

async function post(path: string, body: string): Promise<{ status: number; body: Reply }> {
  const answer = await fetch(at(path), { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Reply };
}

/** What MQTT answers at last to a payload without an id; none other may be under way. */
async function overMqtt(room: string, command: string, payload: string): Promise<Reply> {
  const since = observer.messages.length;
  await observer.send(`sonos/home/${room}/set/${command}`, payload);
  const isLast = (seen: { topic: string; payload: string }): boolean =>
    seen.topic.endsWith('/reply') && JSON.parse(seen.payload).status !== 'accepted';
  return JSON.parse((await observer.until(isLast, 'an answer', since)).payload);
}

const PAYLOADS: Readonly<Record<string, readonly string[]>> = {
  volume: ['20', '{"value":20}', '101', 'loud', ' 20 ', '', '\u00ff'],
  group_volume: ['20', '"20"', '-1'],
  mute: ['true', 'maybe'],
  seek: ['10', 'x'],
  announce: ['{"volum":3}', '{"text":""}'],
  favorite: ['No such favorite', ''],
  playlist: ['No such playlist'],
  join: ['nowhere', ''],
  shuffle: ['true', '{"value":"no such"}'],
};

/** Every command with something that it takes or not, and what is none. */
const TABLE = [...roomCommands.keys(), 'announce', 'nonsense', 'refresh'].flatMap((command) =>
  (PAYLOADS[command] ?? ['', '{"value":true}', '{"broken']).map((payload) => [command, payload] as const),
);

describe('commands through both doors', () => {
  const comparable = ({ id: _id, elapsed_ms: _ms, ...said }: Reply) => said;

  it(`are answered alike, with every command (${TABLE.length} payloads)`, async () => {
    expect(TABLE.length).toBeGreaterThan(40);
    const different: unknown[] = [];
    for (const [command, payload] of TABLE) {
      const mqtt = comparable(await overMqtt('office', command, payload));
      const since = observer.messages.length;
      const { body } = await post(`rooms/office/${command}`, payload);
      // It is published, too, and must not be taken for an answer to what is sent next.
      const isIts = (seen: { payload: string }): boolean =>
        seen.payload.includes(`"id":"${body.id}"`) && !seen.payload.includes('"accepted"');
      await observer.until(isIts, 'the same answer over MQTT', since);
      const http = comparable(body);
      if (JSON.stringify(mqtt) !== JSON.stringify(http)) different.push({ command, payload, mqtt, http });
    }
    expect(different).toEqual([]);
  }, 120_000);

  it('keep the id of the sender, and are carried out once for it', async () => {
    const before = house.sonos.world.room('Office').volume;
    const body = '{"value":"+3","id":"mine"}';
    const both = await Promise.all([post('rooms/office/volume', body), post('rooms/office/volume', body)]);
    expect(both.map(({ status, body: reply }) => [status, reply.id, reply.status])).toEqual([
      [200, 'mine', 'confirmed'],
      [200, 'mine', 'confirmed'],
    ]);
    expect(house.sonos.world.room('Office').volume).toBe(before + 3);
  });

  it('reach every room, and several in one message', async () => {
    const all = await post('rooms/all/volume', '11');
    expect(all).toMatchObject({ status: 200, body: { replies: expect.any(Array) } });
    const several = await post('households/home/rooms/office/set', '{"volume":12,"mute":true,"nonsense":1}');
    expect(several).toMatchObject({
      status: 200,
      body: {
        replies: expect.arrayContaining([expect.objectContaining({ command: 'nonsense', status: 'failed' })]),
      },
    });
    // Refused as a whole, it has one answer, and nobody waits for others.
    const began = performance.now();
    expect(await post('rooms/all/set', 'nonsense')).toMatchObject({ status: 400, body: { replies: [{}] } });
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('reach the bridge itself', async () => {
    expect(await post('bridge/refresh', '')).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    expect(await post('bridge/nonsense', '')).toMatchObject({ status: 404, body: { status: 'failed' } });
  });
});

describe('the live stream of a running house', () => {
  it('has a change on the wire a moment after Sonos told of it, and what it was done by', async () => {
    const reader = await readLive(house.app.privatePort);
    const whole = await reader.until('whole');
    expect(whole.bridge).toMatchObject({
      not_ready: [],
      broker: { connected: true, protocol: 4, address: 'embedded' },
    });
    const { wanted, held, each } = whole.bridge.subscriptions;
    expect([each.length, each.filter((one) => one.renewed_at !== null).length]).toEqual([wanted, held]);
    expect(each.filter((one) => one.namespace === 'playerVolume').map((one) => one.target)).toContain(
      'Office',
    );
    expect(each.some((one) => one.event_at !== null)).toBe(true);
    expect(whole.rooms.office?.name).toBe('Office');
    const since = reader.messages.length;
    house.sonos.world.setVolume('Office', 33);
    await reader.until('room', ({ room, state }) => room === 'office' && state.volume === 33, since);
    const { entry } = await reader.until(
      'trace',
      ({ entry: seen }) => seen.room === 'office' && seen.what.startsWith('playerVolume'),
      since,
    );
    expect(entry).toMatchObject({ kind: 'event', outcome: 'applied', what: 'playerVolume playerVolume' });
    expect(entry.ms).toBeLessThan(200);
    await reader.until('bridge', () => true, since);
    reader.close();
  });

  it('ends for everybody when somebody signs out or a token is removed, and only who may comes again', async () => {
    const guarded = await startHouse({ settings: { web: { password: 'correct horse' } } });
    const { privatePort } = guarded.app;
    const ask = (method: string, path: string, headers: Record<string, string>, body?: object) =>
      fetch(`http://127.0.0.1:${privatePort}/api/${path}`, {
        ...{ method, headers: { 'Content-Type': 'application/json', ...headers } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const signedIn = await ask('POST', 'session', {}, { password: 'correct horse' });
    const Cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { token, view } = (await (await ask('POST', 'tokens', { Cookie }, { name: 'tablet' })).json()) as {
      token: string;
      view: { id: string };
    };
    const looks = (headers: Record<string, string>) => readLive(privatePort, '', headers);
    const isOver = async (reader: Awaited<ReturnType<typeof readLive>>) =>
      eventually(
        () => (reader.isOver() ? true : undefined),
        'an end',
        () => reader.messages.length,
      );
    const script = await looks({ Authorization: `Bearer ${token}` });
    await script.until('whole');
    await ask('DELETE', `tokens/${view.id}`, { Cookie });
    await isOver(script);
    expect((await ask('GET', 'live', { Authorization: `Bearer ${token}` })).status).toBe(401);
    const person = await looks({ Cookie });
    await person.until('whole');
    await ask('DELETE', 'session', { Cookie });
    await isOver(person);
    expect((await ask('GET', 'live', { Cookie })).status).toBe(401);
    await guarded.stop();
  });

  it('ends at once when the house closes', async () => {
    const other = await startHouse();
    const reader = await readLive(other.app.privatePort);
    await reader.until('whole');
    const began = performance.now();
    await other.app.stop();
    await eventually(
      () => (reader.isOver() ? true : undefined),
      'an end',
      () => reader.messages.length,
    );
    expect(performance.now() - began).toBeLessThan(2_500);
    await other.stop();
  });
});

describe('the trace for a bug report', () => {
  it('is a file that tells what happened, and no secret', async () => {
    const leaks = searcherFor([
      ...SECRETS,
      { name: 'client secret', value: house.sonos.clientSecret },
      { name: 'callback path', value: house.app.callbackPath },
    ]);
    const misplaced = [KEY, TOKEN, house.app.callbackPath, house.sonos.clientSecret];
    for (const secret of misplaced) {
      const room = encodeURIComponent(`room ${secret}`);
      await post(`rooms/${room}/volume`, secret ?? '');
      await post('rooms/office/volume', JSON.stringify({ value: secret, id: secret?.slice(0, 128) }));
      await post(`rooms/office/${encodeURIComponent(secret ?? '')}`, '');
      await post(`bridge/${encodeURIComponent(secret ?? '')}`, '');
    }
    const reader = await readLive(house.app.privatePort);
    const whole = await reader.until('whole');
    reader.close();
    const answer = await fetch(at('trace'));
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="sonos-mqtt-bridge-trace-\d{8}T\d{6}Z\.json"$/,
    );
    const text = await answer.text();
    const document = JSON.parse(text) as TraceDocument;
    expect(leaks(text)).toEqual([]);
    expect(leaks(JSON.stringify(whole.trace))).toEqual([]);
    expect(text).toContain('[secret]');
    expect(text).not.toMatch(/RINCON_|Bearer|Sonos_[A-Za-z0-9]{8}/);
    const of = (kind: TraceEntry['kind']) => document.trace.filter((entry) => entry.kind === kind);
    expect(of('command').length).toBeGreaterThan(16);
    expect(of('event').some(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(of('call').map(({ what }) => what)).toContain('POST /players/{playerId}/playerVolume');
    expect(document.bridge.accounts).toEqual([{ id: 'account-1', status: 'linked', households: ['home'] }]);
    expect((await fetch(at('trace'), { method: 'POST' })).status).toBe(405);
  });
});

describe.skipIf(findProgram('curl', 'curl') === null)('the shell script of the examples', () => {
  const script = join(import.meta.dirname, '../../examples/announce-http.sh');
  const run = (bridge: string, ...args: readonly string[]) =>
    promisify(execFile)(script, args, {
      env: { ...process.env, BRIDGE: bridge, TOKEN: 'to"ken', WAIT: '20' },
    });

  it('sends the text as it is and the token in its header, and ends well when it is heard', async () => {
    const asked: unknown[] = [];
    const server = createServer(async (request, response) => {
      const body = (await request.toArray()).join('');
      asked.push([request.method, request.url, request.headers.authorization, body]);
      response.writeHead(asked.length === 1 ? 200 : 202).end('{"status":"said"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const text = '@/etc/passwd It\'s "done" \\ at `last` $(now)\n100 %';
    expect((await run(url, 'kitchen', text)).stdout).toBe('{"status":"said"}\n');
    await expect(run(url, 'kitchen', text)).rejects.toMatchObject({ code: 1 });
    server.close();
    const request = ['POST', '/api/rooms/kitchen/announce', 'Bearer to"ken', text];
    expect(asked).toEqual([request, request]);
  });

  it('says what was wrong', async () => {
    await expect(run(`http://127.0.0.1:${house.app.privatePort}`, 'attic', 'x')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('unknown_room'),
    });
  });
});
