import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { openNetwork } from '../../src/sim/post.ts';
import { systemClock } from '../../src/system.ts';

let sonos: SimulatedSonos;
let url: string;

beforeEach(async () => {
  sonos = createSimulatedSonos({ clock: systemClock, seed: 3 });
  ({ url } = await sonos.start());
});

afterEach(() => sonos.stop());

const anyObject = z.record(z.string(), z.unknown());

async function sim(method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/sim/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

test('a person does things over HTTP and sees what became of them', async () => {
  const act = (action: string, more: object = {}) => sim('POST', 'do', { action, ...more });
  const room = 'Office';
  const deeds: [string, object][] = [
    ['volume', { room, volume: 12 }],
    ['group_volume', { room, volume: 13 }],
    ['mute', { room }],
    ['favorite', { room, name: 'Morning Coffee' }],
    ['next', { room }],
    ['previous', { room }],
    ['seek', { room, seconds: 30 }],
    ['pause', { room }],
    ['play', { room }],
    ['playlist', { room, name: 'Dinner for Five' }],
    ['group', { room, others: ['Bedroom'] }],
    ['ungroup', { room: 'Bedroom' }],
    ['update', { room: 'Bedroom', software: '97.0-1' }],
    ['rename', { room: 'Bedroom', name: 'Nest' }],
    ['unplug', { room: 'Nest' }],
    ['plug_in', { room: 'Nest' }],
    ['tv_on', { room: 'Living Room' }],
    ['tv_off', { room: 'Living Room' }],
    ['night_mode', { room: 'Living Room' }],
    ['dialog', { room: 'Living Room', on: false }],
    ['volume_limit', { room, limit: 60 }],
    ['fixed_volume', { room: 'Terrace' }],
    ['line_in', { room: 'Kitchen', from: 'Terrace' }],
    ['unplug_line_in', { room: 'Terrace' }],
    ['airplay', { room: 'Nest' }],
    ['spotify_connect', { room: 'Nest' }],
    ['alarm', { room: 'Nest' }],
    ['fail', { room: 'Nest' }],
    ['take_over', { room: 'Nest' }],
    ['favorite', { room: 'Nest', name: 'Lark One' }],
    ['station_says', { room: 'Nest', text: 'News' }],
    ['doorbell', { room, seconds: 30, priority: 'LOW' }],
    ['fail_clip', { room }],
    ['doorbell', { room }],
    ['dismiss_clip', { room }],
    ['lose_done', { room }],
    ['jam_clips', { room, jammed: false }],
    ['refuse_clips', { room, code: null }],
    ['add_favorite', { name: 'Extra' }],
    ['remove_favorite', { name: 'Extra' }],
    ['add_playlist', { name: 'Extra' }],
    ['remove_playlist', { name: 'Extra' }],
  ];
  for (const [action, more] of deeds)
    expect(await act(action, more), action).toMatchObject({ status: 200, body: { done: action } });
  const { body } = await sim('GET', 'actions');
  expect(Object.keys(anyObject.parse(body)).sort()).toEqual(
    [...new Set(deeds.map(([action]) => action))].sort(),
  );
  const state = z.object({ rooms: z.array(anyObject) }).parse((await sim('GET', 'state')).body);
  expect(state.rooms.find(({ name }) => name === 'Office')).toMatchObject({
    volume: 13,
    muted: true,
    source: { container: { name: 'Dinner for Five' } },
    settings: { volumeScalingFactor: 0.6 },
  });
  expect(state.rooms.find(({ name }) => name === 'Nest')).toMatchObject({
    source: { programme: [{ streamInfo: 'News' }] },
  });
});

test('what was heard of clips can be read', async () => {
  await sim('POST', 'do', { action: 'doorbell', room: 'Office', priority: 'LOW' });
  await sim('POST', 'do', { action: 'fail_clip', room: 'Office', code: 'ERROR_X' });
  await sim('POST', 'do', { action: 'doorbell', room: 'Kitchen', seconds: 60 });
  expect((await sim('GET', 'clips')).body).toMatchObject([
    { room: 'Office', name: 'Doorbell', priority: 'LOW', url: null, outcome: 'ERROR' },
    { room: 'Kitchen', priority: 'HIGH', endedAt: null, outcome: null },
  ]);
});

test('a refused clip is told to the person who wanted it', async () => {
  await sim('POST', 'do', { action: 'refuse_clips', room: 'Office' });
  const doorbell = { action: 'doorbell', room: 'Office' };
  expect(await sim('POST', 'do', doorbell)).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('ERROR_COMMAND_FAILED') },
  });
  await sim('POST', 'do', { action: 'refuse_clips', room: 'Office', code: null });
  expect(await sim('POST', 'do', doorbell)).toMatchObject({ status: 200 });
});

test('mistakes are told apart', async () => {
  expect(await sim('POST', 'do', { action: 'dance' })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('volume') },
  });
  expect(await sim('POST', 'do', { action: 'volume', room: 'Office', volume: 101 })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('volume') },
  });
  expect(await sim('POST', 'do')).toMatchObject({ status: 400 });
  expect(await sim('POST', 'knobs', { noSuchKnob: 1 })).toMatchObject({ status: 400 });
  expect(await sim('GET', 'nothing')).toMatchObject({
    status: 404,
    body: { known: expect.arrayContaining(['POST /sim/do']) },
  });
});

test('knobs, callback, subscriptions, requests and trouble are at hand', async () => {
  expect(await sim('POST', 'knobs', { deadGroupStatus: 404 })).toMatchObject({
    status: 200,
    body: { deadGroupStatus: 404 },
  });
  expect(sonos.knobs.deadGroupStatus).toBe(404);
  expect((await sim('GET', 'knobs')).body).toMatchObject({ deadGroupStatus: 404, answerMs: 1000 });
  expect(await sim('POST', 'callback', { url: 'http://127.0.0.1:9/events' })).toMatchObject({ status: 200 });
  const { accessToken } = sonos.grantTokens();
  const call = (path: string, method = 'GET') =>
    fetch(`${url}/control/api/v1${path}`, { method, headers: { Authorization: `Bearer ${accessToken}` } });
  const household = `/households/${sonos.world.household().id}`;
  expect((await call(`${household}/groups/subscription`, 'POST')).status).toBe(200);
  expect((await sim('GET', 'subscriptions')).body).toMatchObject([{ namespace: 'groups' }]);
  await sim('DELETE', 'subscriptions');
  expect((await sim('GET', 'subscriptions')).body).toEqual([]);
  expect((await sim('GET', 'deliveries')).body).toHaveProperty('lost');
  await sim('POST', 'faults', {
    match: '/favorites',
    answer: { status: 500, body: { errorCode: 'ERROR_INTERNAL' } },
  });
  expect((await call(`${household}/favorites`)).status).toBe(500);
  await sim('POST', 'faults', { match: '/favorites', method: 'GET', answer: 'lose-reply' });
  await expect(call(`${household}/favorites`)).rejects.toThrow('fetch failed');
  await sim('POST', 'faults', { match: '/favorites', answer: 'hang' });
  await sim('DELETE', 'faults');
  expect((await call(`${household}/favorites`)).status).toBe(200);
  expect((await sim('GET', 'requests')).body).toHaveLength(4);
  await sim('POST', 'expire-access-tokens');
  expect((await call('/households')).status).toBe(401);
  expect((await sim('POST', 'revoke', {})).status).toBe(200);
});

test('an answer can be slow, or never come', async () => {
  const headers = { Authorization: `Bearer ${sonos.grantTokens().accessToken}` };
  sonos.knobs.replyDelayMs = 60;
  const begun = performance.now();
  expect((await fetch(`${url}/control/api/v1/households`, { headers })).status).toBe(200);
  expect(performance.now() - begun).toBeGreaterThan(50);
  sonos.failNext({ match: 'households', answer: 'hang' });
  await expect(
    fetch(`${url}/control/api/v1/households`, { headers, signal: AbortSignal.timeout(200) }),
  ).rejects.toThrow(/timeout/i);
});

test('too large a body breaks the connection', async () => {
  await expect(fetch(`${url}/sim/do`, { method: 'POST', body: 'x'.repeat(2 ** 21) })).rejects.toThrow(
    'fetch failed',
  );
});

test('a port in use is an error', async () => {
  const other = createSimulatedSonos({ clock: systemClock, port: Number(new URL(url).port) });
  await expect(other.start()).rejects.toThrow('EADDRINUSE');
  await other.stop();
});

test('events are posted over real sockets', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const network = openNetwork();
  expect(await network.post(`${base}/events`, { A: 'b' }, '{}', new AbortController().signal)).toBe(200);
  await expect(network.post('https://127.0.0.1:1/', {}, '{}', new AbortController().signal)).rejects.toThrow(
    'ECONNREFUSED',
  );
  expect(seen).toEqual(['POST /events']);
  network.close();
  server.closeAllConnections();
  server.close();
});
