import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { freePort } from '../support/ports.ts';
import { linkInBrowser, openPlace } from './daemon.ts';
import { flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const step = z.looseObject({
  room: z.string(),
  command: z.string(),
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
const reply = z.object({
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }).optional(),
  result: z
    .object({
      done: z.number().optional(),
      steps: z.array(step).default([]),
      not_restored: z.array(z.object({ rooms: z.array(z.string()), what: z.string() })).default([]),
    })
    .optional(),
});
type Reply = z.output<typeof reply>;

const DINNER = {
  rooms: {
    kitchen: { volume: 12, muted: false },
    'Living Room': { volume: 40 },
    office: { muted: true },
  },
  group: ['living-room', 'kitchen'],
  favorite: 'Salt and Rope',
  shuffle: true,
  play: true,
};

describe('presets', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({ settings: { presets: { dinner: DINNER } } });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    await flowing(house);
  });

  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  const asked = async (command: string, payload: object | string): Promise<Reply> =>
    reply.parse(
      (await observer.command(`sonos/bridge/set/${command}`, payload, 'sonos/bridge/reply')).at(-1),
    );

  /** The calls that changed something since. */
  const calls = (since: number): string[] =>
    house.sonos.requests
      .slice(since)
      .filter(({ method, path }) => method === 'POST' && !path.endsWith('/subscription'))
      .map(({ path }) => path.replace(/^.*\/(groups|players)\/[^/]+\//, ''));

  const room = (name: string) => house.sonos.world.room(name);

  it('are listed in a retained topic', async () => {
    await observer.until(({ topic }) => topic === 'sonos/bridge/presets', 'the list');
    expect(observer.json('sonos/bridge/presets')).toEqual({
      items: [{ name: 'dinner', household: null, from: 'settings' }],
    });
  });

  it('bring the house there in the fewest calls, and make none when it is so', async () => {
    const before = house.sonos.requests.length;
    const dry = await asked('preset', { value: 'dinner', dry_run: true });
    expect(dry.result?.steps.map(({ room: at, command, status }) => `${at} ${command} ${status}`)).toEqual([
      'kitchen volume planned',
      'office mute planned',
      'living-room group planned',
      'living-room favorite planned',
      'living-room volume planned',
    ]);
    expect(calls(before)).toEqual([]);
    const applied = await asked('preset', 'dinner');
    expect(applied).toMatchObject({ status: 'confirmed', result: { done: 5 } });
    expect(calls(before).sort()).toEqual([
      'favorites',
      'groups/setGroupMembers',
      'playerVolume',
      'playerVolume',
      'playerVolume/mute',
    ]);
    expect(room('Living Room').members).toEqual(['Kitchen', 'Living Room']);
    expect([room('Kitchen').volume, room('Living Room').volume, room('Office').muted]).toEqual([
      12,
      40,
      true,
    ]);
    expect(room('Kitchen')).toMatchObject({
      state: 'PLAYBACK_STATE_PLAYING',
      modes: { shuffle: true },
      source: { container: { name: 'Salt and Rope' } },
    });
    const after = house.sonos.requests.length;
    expect(await asked('preset', 'dinner')).toMatchObject({
      status: 'confirmed',
      result: { done: 0, steps: [] },
    });
    expect(calls(after)).toEqual([]);
  });

  it('say which room could not be reached, and do the rest all the same', async () => {
    house.sonos.world.unplug('Office');
    await observer.holds('sonos/home/office/availability', 'offline');
    house.sonos.world.mute('Kitchen', true);
    await observer.holds('sonos/home/kitchen/muted', 'true');
    const { status, error, result } = await asked('preset', 'dinner');
    expect(status).toBe('failed');
    expect(error).toMatchObject({
      code: 'not_capable',
      message: expect.stringContaining('1 of 2 steps of "dinner"'),
    });
    expect(result).toMatchObject({
      done: 1,
      steps: [
        { room: 'kitchen', command: 'mute', status: 'confirmed' },
        { room: 'office', command: 'mute', status: 'failed', error: { code: 'not_capable' } },
      ],
    });
    expect(room('Kitchen').muted).toBe(false);
    house.sonos.world.plugIn('Office');
    await observer.holds('sonos/home/office/availability', 'online');
  });

  it('that are written wrong, or not at all, teach what would be right', async () => {
    expect((await asked('preset', 'diner')).error).toMatchObject({
      code: 'invalid_payload',
      advice: 'Did you mean "dinner"?',
    });
    expect((await asked('preset/save', { name: 'x', rooms: { kitchen: { volum: 3 } } })).error).toMatchObject(
      {
        code: 'invalid_payload',
        message: expect.stringContaining('volum'),
      },
    );
    expect((await asked('preset/save', { name: 'x', favorite: 'Jazz' })).error?.message).toContain('group');
    expect((await asked('preset/save', 'dinner')).error?.message).toContain('settings');
    expect((await asked('preset/delete', 'dinner')).error?.message).toContain('settings');
  });

  it('are snapshots, too: somebody changes everything, and it comes back', async () => {
    expect((await asked('preset', 'dinner')).status).toBe('confirmed');
    const before = ['Kitchen', 'Living Room', 'Office', 'Bathroom'].map(room);
    const kept = await asked('snapshot', { value: 'evening' });
    expect(kept).toMatchObject({ status: 'confirmed' });
    expect(kept.result?.not_restored).toContainEqual({ rooms: ['living-room', 'kitchen'], what: 'position' });

    const { world } = house.sonos;
    world.ungroup('Kitchen');
    world.group('Bedroom', 'Living Room', 'Office');
    world.playFavorite('Bedroom', 'Lark Jazz');
    world.setVolume('Kitchen', 90);
    world.mute('Office', false);
    world.setModes('Kitchen', { shuffle: false });
    await observer.holds('sonos/home/kitchen/volume', '90');
    await observer.holds('sonos/home/office/muted', 'false');
    await observer.holds('sonos/home/living-room/source', 'Lark Jazz');

    const back = await asked('restore', 'evening');
    expect(back).toMatchObject({ status: 'confirmed' });
    expect(back.result?.not_restored).toContainEqual({ rooms: ['living-room', 'kitchen'], what: 'position' });
    const essence = ({ volume, muted, members, state, source, modes }: (typeof before)[number]) => ({
      volume,
      muted,
      members,
      state,
      container: source?.container.name,
      shuffle: modes?.shuffle,
    });
    const after = ['Kitchen', 'Living Room', 'Office', 'Bathroom'].map(room);
    expect(after.map(essence).slice(0, 2)).toEqual(before.map(essence).slice(0, 2));
    expect(after.map(({ volume, muted, members }) => [volume, muted, members])).toEqual(
      before.map(({ volume, muted, members }) => [volume, muted, members]),
    );
  });
});

describe.skipIf(!mosquittoIsInstalled)('a preset that was saved', () => {
  it('outlives kill -9, and is applied by the next bridge', async () => {
    const mosquitto = await startMosquitto();
    const port = await freePort();
    const path = '/sonos/events/presets-0123456789';
    const place = await openPlace({
      mqtt: { url: `mqtt://127.0.0.1:${mosquitto.port}` },
      callback: { host: '127.0.0.1', port, path },
    });
    const observer = await Observer.connect(mosquitto.port);
    const asked = async (command: string, payload: object | string): Promise<Reply> => {
      const answers = await observer.command(`sonos/bridge/set/${command}`, payload, 'sonos/bridge/reply');
      return reply.parse(answers.at(-1));
    };
    try {
      place.sonos.registerCallback(`http://127.0.0.1:${port}${path}`);
      const first = await place.start();
      await first.runs();
      await linkInBrowser(place.page);
      await observer.holds('sonos/home/kitchen/volume', '22');
      await observer.holds('sonos/home/bathroom/volume', '18');
      expect(await asked('preset/save', { name: 'as it was', rooms: ['kitchen', 'bathroom'] })).toMatchObject(
        {
          status: 'confirmed',
        },
      );
      await first.stop('SIGKILL');

      place.sonos.world.setVolume('Kitchen', 77);
      place.sonos.world.ungroup('Bathroom');
      const second = await place.start();
      await second.runs();
      await observer.holds('sonos/home/kitchen/volume', '77');
      expect(observer.json('sonos/bridge/presets')).toEqual({
        items: [{ name: 'as it was', household: 'home', from: 'saved' }],
      });
      expect(await asked('preset', 'as it was')).toMatchObject({ status: 'confirmed', result: { done: 2 } });
      expect(place.sonos.world.room('Kitchen')).toMatchObject({
        volume: 22,
        members: ['Bathroom', 'Kitchen'],
      });
      expect((await asked('preset/delete', 'as it was')).status).toBe('confirmed');
      await observer.holds('sonos/bridge/presets', '{"items":[]}');
    } finally {
      await observer.end();
      await place.leave();
      await mosquitto.stop();
    }
  }, 60_000);
});
