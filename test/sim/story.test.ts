import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';

interface Arrived {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

let sonos: SimulatedSonos;
let callback: Server;
let arrived: Arrived[];
let apiUrl: string;
let loginUrl: string;

beforeEach(async () => {
  arrived = [];
  callback = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      arrived.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => callback.listen(0, '127.0.0.1', resolve));
  const { port } = callback.address() as AddressInfo;
  sonos = createSimulatedSonos({
    clock: systemClock,
    callbackUrl: `http://127.0.0.1:${port}/events`,
    knobs: { bufferMs: 5 },
  });
  ({ apiUrl, loginUrl } = await sonos.start());
});

afterEach(async () => {
  await sonos.stop();
  callback.closeAllConnections();
  callback.close();
});

async function call(method: string, path: string, body?: unknown, token = sonos.grantTokens().accessToken) {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    type: response.headers.get('x-sonos-type'),
    body: z.record(z.string(), z.unknown()).parse(await response.json()),
  };
}

const heard = (type: string): Arrived[] => arrived.filter(({ headers }) => headers['x-sonos-type'] === type);

test('an app that is allowed by the person hears of the house and can play in it', async () => {
  const query = new URLSearchParams({
    client_id: sonos.clientId,
    response_type: 'code',
    scope: 'playback-control-all',
    state: 'xyz',
    redirect_uri: 'http://localhost/back',
  });
  const page = await (await fetch(`${loginUrl}/login/v3/oauth?${query}`)).text();
  const link = /class="allow" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const allowed = await fetch(`${loginUrl}${link}`, { redirect: 'manual' });
  const back = new URL(allowed.headers.get('location') ?? '');
  expect(back.searchParams.get('state')).toBe('xyz');
  const basic = Buffer.from(`${sonos.clientId}:${sonos.clientSecret}`).toString('base64');
  const granted = await fetch(`${loginUrl}/login/v3/oauth/access`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost/back',
    }),
  });
  const token = z.object({ access_token: z.string() }).parse(await granted.json()).access_token;

  const { body: list } = await call('GET', '/households', undefined, token);
  const household =
    z.object({ households: z.array(z.object({ id: z.string() })) }).parse(list).households[0]?.id ?? '';
  expect((await call('POST', `/households/${household}/groups/subscription`, {}, token)).status).toBe(200);
  const kitchen = sonos.world.room('Kitchen');
  const group = encodeURIComponent(kitchen.groupId ?? '');
  for (const namespace of ['playback', 'playbackMetadata', 'groupVolume']) {
    expect(await call('POST', `/groups/${group}/${namespace}/subscription`, {}, token)).toEqual({
      status: 200,
      type: 'none',
      body: {},
    });
  }
  await sonos.delivered();
  expect(arrived.map(({ headers }) => headers['x-sonos-type']).sort()).toEqual([
    'groupVolume',
    'groups',
    'metadataStatus',
    'playbackStatus',
  ]);

  const favorite = await call(
    'POST',
    `/groups/${group}/favorites`,
    { favoriteId: '1', action: 'REPLACE', playOnCompletion: true },
    token,
  );
  expect(favorite.status).toBe(200);
  await expect
    .poll(() => heard('playbackStatus').at(-1)?.body)
    .toMatchObject({ playbackState: 'PLAYBACK_STATE_PLAYING' });
  expect(heard('metadataStatus').at(-1)?.body).toMatchObject({
    container: { name: 'Morning Coffee' },
    currentItem: { track: { name: 'Kettle Song' } },
  });

  sonos.world.setVolume('Kitchen', 40);
  await sonos.delivered();
  expect(heard('groupVolume').at(-1)?.body).toMatchObject({ volume: 29, muted: false, fixed: false });
  sonos.world.group('Kitchen', 'Office');
  await sonos.delivered();
  expect(heard('groupCoordinatorChanged').at(-1)?.body).toMatchObject({
    groupStatus: 'GROUP_STATUS_UPDATED',
    groupName: 'Kitchen + 2',
  });
});
