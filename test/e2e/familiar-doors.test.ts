import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { roomPicture } from '../../src/bridge/room-picture.ts';
import { BROADCASTS, COMMANDS } from '../../src/mqtt/sonos2mqtt/table.ts';
import { HOUSE_ACTIONS } from '../../src/web/http-api/house-table.ts';
import { ACTIONS } from '../../src/web/http-api/table.ts';
import { findProgram } from '../support/programs.ts';
import { CALLS } from './entity-deeds.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const timersShown = z.object({ sleep_at: z.string().nullable() });

const PASSWORD = 'the word at the familiar door';
const BOTH = {
  compat: { sonos2mqtt: true, http_api: true },
  web: { password: PASSWORD },
  announcements: { allowed_hosts: ['127.0.0.1'] },
};
/** Steps have a call of their own. */
const CALLED: Readonly<Record<string, RegExp>> = {
  ...CALLS,
  volume: /^POST .*\/playerVolume(\/relative)?$/,
  group_volume: /^POST .*\/groupVolume(\/relative)?$/,
};
const speaks = findProgram('espeak-ng') !== null;

/** A quarter of a second of silence, as a WAV file. */
function silence(): Buffer {
  const samples = Buffer.alloc(4_000);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, 8_000],
    [28, 16_000],
  ] as const)
    head.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    head.writeUInt16LE(value, at);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

describe('the familiar doors', () => {
  let house: RunningHouse;
  let observer: Observer;
  let shop: Server;
  let bell = '';

  beforeAll(async () => {
    shop = createServer((_request, response) =>
      response.setHeader('Content-Type', 'audio/wav').end(silence()),
    );
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    bell = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/bell.wav`;
    house = await startHouse({ settings: BOTH, sonos: { knobs: { bufferMs: 5, fetchClips: true } } });
    observer = await Observer.connect(house.brokerPort);
    await flowing(house);
    await observer.until(({ topic }) => topic === 'sonos/home/favorites', 'the favorites');
  });

  afterAll(async () => {
    await observer?.end();
    await house?.stop();
    await new Promise((resolve) => shop.close(resolve));
  });

  const idOf = (name: string): string => house.sonos.world.room(name).id;

  /** Every call to Sonos since, as the table of calls spells it. */
  const callsSince = (since: number): string[] =>
    house.sonos.requests.slice(since).map(({ method, path }) => `${method} ${path}`);

  /** Those that change something; subscriptions are the bridge's own. */
  const deedsSince = (since: number): string[] =>
    callsSince(since).filter((call) => call.startsWith('POST') && !call.endsWith('/subscription'));

  const calledAt = (since: number, command: string): Promise<string> =>
    eventually(
      () => callsSince(since).find((call) => CALLED[command]?.test(call)),
      `a call for ${command}`,
      () => callsSince(since),
    );

  /** The last word on a command of a room. */
  async function answerIn(room: string, command: string, since: number): Promise<Record<string, unknown>> {
    const seen = await observer.until(
      ({ topic, payload }) => {
        if (topic !== `sonos/home/${room}/reply`) return false;
        const reply = JSON.parse(payload);
        return reply.command === command && reply.status !== 'accepted';
      },
      `an answer to ${command} in ${room}`,
      since,
    );
    return JSON.parse(seen.payload);
  }

  async function morning(): Promise<void> {
    await observer.command('sonos/home/kitchen/set/favorite', 'Morning Coffee');
    await observer.holds('sonos/home/kitchen/state', 'playing');
  }

  describe('sonos2mqtt’s', () => {
    it('shows every room in that project’s shape, retained, and follows it', async () => {
      await morning();
      const at = `sonos/${idOf('Kitchen')}`;
      await observer.holds('sonos/connected', '2');
      await observer.holds('sonos/status/kitchen/state', 'PLAYING');
      await observer.holds('sonos/status/living-room/volume', '30');
      house.sonos.world.setVolume('Kitchen', 41);
      await eventually(
        () => ((observer.json(at).volume as { Master?: number })?.Master === 41 ? true : undefined),
        'the volume',
        () => observer.json(at),
      );
      expect(observer.json(at)).toMatchObject({
        uuid: idOf('Kitchen'),
        name: 'Kitchen',
        coordinatorUuid: idOf('Kitchen'),
        transportState: 'PLAYING',
        mute: { Master: false },
        currentTrack: { Title: expect.any(String), Duration: expect.stringMatching(/^\d:\d\d:\d\d$/) },
        members: [
          { Uuid: idOf('Kitchen'), Name: 'Kitchen' },
          { Uuid: idOf('Bathroom'), Name: 'Bathroom' },
        ],
      });
      const late = await Observer.connect(house.brokerPort);
      await late.until(({ topic, retain }) => topic === at && retain, 'the room, kept by the broker');
      await late.end();
    });

    /** In an order in which each changes something: the room, the command there, its input, and the commands here. */
    const deeds = (): readonly (readonly [
      room: string,
      command: string,
      input: unknown,
      becomes: readonly string[],
    ])[] => [
      ['Kitchen', 'pause', undefined, ['pause']],
      ['Kitchen', 'play', undefined, ['play']],
      ['Kitchen', 'stop', undefined, ['pause']],
      ['Kitchen', 'toggle', undefined, ['toggle']],
      ['Kitchen', 'next', undefined, ['next']],
      ['Kitchen', 'previous', undefined, ['previous']],
      ['Kitchen', 'seek', '0:01:00', ['seek']],
      ['Kitchen', 'volume', 33, ['volume']],
      ['Kitchen', 'volumeup', undefined, ['volume']],
      ['Kitchen', 'volumedown', 7, ['volume']],
      ['Kitchen', 'mute', true, ['mute']],
      ['Kitchen', 'unmute', undefined, ['mute']],
      ['Kitchen', 'groupvolume', 40, ['group_volume']],
      ['Kitchen', 'groupvolumeup', 5, ['group_volume']],
      ['Kitchen', 'groupvolumedown', undefined, ['group_volume']],
      ['Kitchen', 'playmode', 'SHUFFLE', ['shuffle', 'repeat']],
      ['Kitchen', 'shuffle', false, ['shuffle']],
      ['Kitchen', 'repeat', false, ['repeat']],
      ['Kitchen', 'crossfade', 'On', ['crossfade']],
      ['Kitchen', 'notify', { trackUri: bell, volume: 20, timeout: 5, delayMs: 700 }, ['announce']],
      ['Bedroom', 'notifytwo', { trackUri: bell }, ['announce']],
      ...(speaks
        ? ([
            ['Terrace', 'speak', { text: 'Dinner', lang: 'en-US', volume: 30 }, ['announce']],
            ['Bathroom', 'speaktwo', { text: 'Supper' }, ['announce']],
          ] as const)
        : []),
      ['Kitchen', 'leavegroup', undefined, ['leave']],
      ['Kitchen', 'joingroup', 'Bathroom', ['join']],
      ['Office', 'switchtoline', undefined, ['line_in']],
      ['Living Room', 'switchtotv', undefined, ['tv']],
      ['Living Room', 'setnightmode', true, ['night_mode']],
    ];

    it.skipIf(!speaks)(
      'takes every command that the cloud can do, in two shapes (needs espeak-ng)',
      async () => {
        await morning();
        for (const [at, [room, command, input, becomes]] of deeds().entries()) {
          const [since, calls] = [observer.messages.length, house.sonos.requests.length];
          const address = room.toLowerCase().replace(' ', '-');
          const words = input === undefined ? { command } : { command, input };
          if (at % 2 === 0) await observer.send(`sonos/${idOf(room)}/control`, JSON.stringify(words));
          else {
            const bare = typeof input === 'object' ? JSON.stringify(input) : String(input ?? '');
            await observer.send(`sonos/set/${address}/${command}`, bare);
          }
          for (const each of becomes) {
            const { status, error } = await answerIn(address, each, since);
            expect([command, each, status, error]).toEqual([command, each, 'confirmed', undefined]);
            await calledAt(calls, each);
          }
        }
        const possible = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.kind === 'supported');
        expect(
          deeds()
            .map(([, command]) => command)
            .sort(),
        ).toEqual(possible.sort());
      },
    );

    it.skipIf(!speaks)('takes commands for all rooms (needs espeak-ng)', async () => {
      const deeds = [
        ['pauseall', '', 'pause'],
        ['notify', JSON.stringify({ trackUri: bell, volume: 15 }), 'announce'],
        ['speak', JSON.stringify({ text: 'Good night' }), 'announce'],
        ['check-subscriptions', '', 'refresh'],
      ] as const;
      for (const [command, payload, becomes] of deeds) {
        const since = observer.messages.length;
        await observer.send(`sonos/cmd/${command}`, payload);
        for (const room of ['kitchen', 'bathroom', 'office', 'terrace', 'bedroom', 'living-room'])
          expect([command, room, (await answerIn(room, becomes, since)).status]).toEqual([
            command,
            room,
            'confirmed',
          ]);
      }
      const possible = Object.keys(BROADCASTS).filter((name) => BROADCASTS[name]?.kind === 'supported');
      expect(deeds.map(([command]) => String(command)).sort()).toEqual(possible.sort());
    });

    it('answers every other command with what is wrong, and calls nobody', async () => {
      const errors = `sonos/${idOf('Office')}/error`;
      const impossible = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.kind === 'unsupported');
      const wrong: readonly (readonly [topic: string, payload: string, answer: string, code: string])[] = [
        ...impossible.map((name) => [`set/office/${name}`, '1', errors, 'not_capable'] as const),
        ['set/office/volum', '1', errors, 'unknown_command'],
        [`${idOf('Office')}/control`, 'volume 10', errors, 'invalid_payload'],
        ['set/ofice/play', '', 'sonos/bridge/error', 'unknown_room'],
        ['cmd/setalarm', '{}', 'sonos/bridge/error', 'not_capable'],
        ['cmd/dance', '', 'sonos/bridge/error', 'unknown_command'],
      ];
      for (const [topic, payload, answer, code] of wrong) {
        const [since, calls] = [observer.messages.length, house.sonos.requests.length];
        await observer.send(`sonos/${topic}`, payload);
        const seen = await observer.until((each) => each.topic === answer, `an answer to ${topic}`, since);
        expect([topic, JSON.parse(seen.payload).error.code]).toEqual([topic, code]);
        expect(JSON.parse(seen.payload).error.advice).not.toBe('');
        expect([topic, deedsSince(calls)]).toEqual([topic, []]);
      }
    });
  });

  describe('node-sonos-http-api’s', () => {
    const ask = async (path: string, password: string | null = PASSWORD, method = 'GET') => {
      const headers: Record<string, string> =
        password === null ? {} : { Authorization: `Basic ${btoa(`me:${password}`)}` };
      const answer = await fetch(`http://127.0.0.1:${house.app.privatePort}${path}`, { headers, method });
      const text = await answer.text();
      return {
        status: answer.status,
        text,
        body: text.startsWith('<') || text === '' ? null : JSON.parse(text),
      };
    };

    it('is behind the password of the private listener', async () => {
      const calls = house.sonos.requests.length;
      for (const path of ['/zones', '/kitchen/volume/99', '/sayall/boo']) {
        expect([path, (await ask(path, null)).status]).toEqual([path, 401]);
        expect([path, (await ask(path, 'guessed')).status]).toEqual([path, 401]);
      }
      expect((await ask('/kitchen/volume/99', PASSWORD, 'HEAD')).status).toBe(405);
      expect(deedsSince(calls)).toEqual([]);
    });

    it('shows zones, state, favorites and playlists as they are', async () => {
      await morning();
      const zones = (await ask('/zones')).body;
      const names = zones.flatMap(({ members }: { members: { roomName: string }[] }) =>
        members.map((each) => each.roomName),
      );
      expect(names.sort()).toEqual(['Bathroom', 'Bedroom', 'Kitchen', 'Living Room', 'Office', 'Terrace']);
      const state = (await ask('/Kitchen/state')).body;
      expect(state).toMatchObject({
        volume: house.sonos.world.room('Kitchen').volume,
        playbackState: 'PLAYING',
      });
      expect(state.currentTrack.title).not.toBe('');
      expect((await ask('/kitchen/favorites')).body).toContain('Morning Coffee');
      expect((await ask('/kitchen/playlists')).body).toContain('Dinner for Five');
    });

    /** In an order in which each changes something; what is heard, each in a room of its own. */
    const deeds = (): readonly (readonly [room: string, action: string, rest: string, becomes: string])[] => [
      ['Kitchen', 'favorite', '/lark%20one', 'favorite'],
      ['Kitchen', 'playlist', '/Dinner%20for%20Five', 'playlist'],
      ['Kitchen', 'pause', '', 'pause'],
      ['Kitchen', 'play', '', 'play'],
      ['Kitchen', 'playpause', '', 'toggle'],
      ['Kitchen', 'playpause', '', 'toggle'],
      ['Kitchen', 'next', '', 'next'],
      ['Kitchen', 'previous', '', 'previous'],
      ['Kitchen', 'timeseek', '/60', 'seek'],
      ['Kitchen', 'volume', '/19', 'volume'],
      ['Kitchen', 'volume', '/+3', 'volume'],
      ['Kitchen', 'mute', '', 'mute'],
      ['Kitchen', 'unmute', '', 'mute'],
      ['Kitchen', 'togglemute', '', 'mute'],
      ['Kitchen', 'unmute', '', 'mute'],
      ['Kitchen', 'groupVolume', '/27', 'group_volume'],
      ['Kitchen', 'groupMute', '', 'group_mute'],
      ['Kitchen', 'groupUnmute', '', 'group_mute'],
      ['Kitchen', 'shuffle', '/toggle', 'shuffle'],
      ['Kitchen', 'crossfade', '/toggle', 'crossfade'],
      ['Kitchen', 'repeat', '/one', 'repeat'],
      ['Bedroom', 'clip', '/soft/30', 'announce'],
      ['Kitchen', 'clip', `/${bell}`, 'announce'],
      ...(speaks ? ([['Terrace', 'say', '/Dinner%20is%20ready/en-us/20', 'announce']] as const) : []),
      ['Terrace', 'join', '/Office', 'join'],
      ['Terrace', 'leave', '', 'leave'],
      ['Office', 'add', '/Terrace', 'join'],
      ['Office', 'remove', '/Terrace', 'leave'],
      ['Office', 'add', '/Terrace', 'join'],
      ['Terrace', 'isolate', '', 'leave'],
      ['Terrace', 'join', '/Office', 'join'],
      ['Terrace', 'ungroup', '', 'leave'],
      ['Office', 'linein', '', 'line_in'],
      ['Living%20Room', 'tv', '', 'tv'],
      ['Living%20Room', 'nightmode', '/toggle', 'night_mode'],
      ['Living%20Room', 'speechenhancement', '/on', 'dialog'],
    ];

    it.skipIf(!speaks)(
      'does everything that the cloud can do, and answers when it is done (needs espeak-ng)',
      async () => {
        for (const [room, action, rest, becomes] of deeds()) {
          const calls = house.sonos.requests.length;
          const path = `/${room}/${action}${rest}`;
          expect([path, (await ask(path)).body]).toEqual([path, { status: 'success' }]);
          await calledAt(calls, becomes);
        }
        expect(house.sonos.world.room('Kitchen')).toMatchObject({ muted: false, modes: { repeatOne: true } });
        const possible = Object.keys(ACTIONS).filter((name) => {
          const row = ACTIONS[name];
          // What the bridge does by itself, later, has a test of its own.
          return row?.kind === 'supported' && row.becomes.length > 0 && name !== 'sleep';
        });
        expect([...new Set(deeds().map(([, action]) => action.toLowerCase()))].sort()).toEqual(
          possible.sort(),
        );
      },
    );

    it('lets a room fall asleep, and stay awake after all', async () => {
      const sleepAt = (): unknown => {
        const home = house.app.bridge.household('home');
        const room = [...(home?.rooms.values() ?? [])].find(({ name }) => name === 'Terrace');
        if (home === undefined || room === undefined) throw new Error('the terrace is gone');
        const { timers } = z.looseObject({ timers: timersShown }).parse(roomPicture(home, room));
        return timers.sleep_at;
      };
      const before = Date.now();
      expect((await ask('/Terrace/sleep/0:10:00')).body).toEqual({ status: 'success' });
      expect(Date.parse(String(sleepAt())) - before).toBeGreaterThan(590_000);
      expect((await ask('/Terrace/sleep/off')).body).toEqual({ status: 'success' });
      expect(sleepAt()).toBeNull();
    });

    it('pauses and resumes what played, and is heard in every room', async () => {
      await morning();
      expect((await ask('/pauseall')).body).toEqual({ status: 'success' });
      expect(house.sonos.world.room('Kitchen').state).toBe('PLAYBACK_STATE_PAUSED');
      expect((await ask('/resumeall')).body).toEqual({ status: 'success' });
      expect(house.sonos.world.room('Kitchen').state).toMatch(/PLAYING|BUFFERING/);
      const calls = house.sonos.requests.length;
      expect((await ask(`/clipall/${encodeURIComponent(bell)}/25`)).body).toEqual({ status: 'success' });
      expect(callsSince(calls).filter((call) => CALLED.announce?.test(call)).length).toBeGreaterThanOrEqual(
        6,
      );
      expect((await ask('/sayall/x/en/5/6')).status).toBe(400);
    });

    it('tells what went wrong, and what cannot be done', async () => {
      const missing = await ask('/kitchen/favorite/Jaz');
      expect(missing).toMatchObject({ status: 404, body: { status: 'error', code: 'unknown_favorite' } });
      expect(await ask('/kitchn/play')).toMatchObject({
        status: 404,
        body: { advice: 'Did you mean "kitchen"?' },
      });
      expect(await ask('/kitchen/volume/101')).toMatchObject({
        status: 400,
        body: { code: 'invalid_payload' },
      });
      expect(await ask('/office/nightmode/on')).toMatchObject({ status: 409, body: { code: 'not_capable' } });
      const rows = [
        ...Object.entries(ACTIONS).map(([name, row]) => [`/kitchen/${name}`, row.kind] as const),
        ...Object.entries(HOUSE_ACTIONS).map(([name, row]) => [`/${name}`, row.kind] as const),
      ];
      for (const [path, kind] of rows)
        if (kind === 'unsupported') expect([path, (await ask(path)).status]).toEqual([path, 501]);
    });
  });

  it('are shut when the settings do not open them, and leave nothing behind', async () => {
    await house.restart({ ...BOTH, compat: {} });
    const after = await Observer.connect(house.brokerPort);
    await after.until(({ topic }) => topic === 'sonos/home/kitchen/volume', 'the rooms');
    const left = [...after.topics.keys()].filter((topic) =>
      /^sonos\/(connected|status\/|RINCON_)/.test(topic),
    );
    expect(left).toEqual([]);
    const headers = { Authorization: `Basic ${btoa(`me:${PASSWORD}`)}` };
    const answer = await fetch(`http://127.0.0.1:${house.app.privatePort}/zones`, { headers });
    expect([answer.status, (await answer.text()).includes('Nothing is here')]).toEqual([404, true]);
    // The embedded broker hangs up on who publishes where commands no longer are.
    const { closed } = after;
    await after.client.publishAsync('sonos/cmd/pauseall', '', { qos: 0 });
    await eventually(
      () => (after.closed > closed ? true : undefined),
      'the broker to hang up',
      () => after.closed,
    );
    await after.end();
  });
});
