import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announce } from '../../../src/bridge/announcement.ts';
import { roomCommands } from '../../../src/bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../../src/bridge/own-commands.ts';
import { readPayload, readSetPayload } from '../../../src/bridge/payload.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { covers } from '../../../src/mqtt/broker-access.ts';
import type { DoorReading } from '../../../src/mqtt/further-picture.ts';
import { createSonos2mqttDoor } from '../../../src/mqtt/sonos2mqtt/door.ts';
import { BROADCASTS, COMMANDS } from '../../../src/mqtt/sonos2mqtt/table.ts';
import { readTopic } from '../../../src/mqtt/valid-topic.ts';
import { house, idOf, withEvent } from '../../support/house.ts';

const KNOWN = [...roomCommands.keys(), ...Object.keys(OWN_COMMANDS)];
const door = createSonos2mqttDoor('sonos');
const home = house(['Living Room', 'Bath'], ['Den']);
const bytes = (payload: unknown): Uint8Array =>
  new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload));

function read(topic: string, payload: unknown = '', households: readonly Household[] = [home]): DoorReading {
  const reading = door.read({ topic: `sonos/${topic}`, payload: bytes(payload) }, households);
  if (reading === null) throw new Error(`${topic} is not the door's`);
  return reading;
}

/** What a message became, as one could have written it by hand. */
const commandsOf = (reading: DoorReading) =>
  reading.commands.map(({ household, room, command, payload }) => [
    `${household}/${room}/set${command === null ? '' : `/${command}`}`,
    JSON.parse(new TextDecoder().decode(payload)),
  ]);

/** The only answer. */
function answerOf(reading: DoorReading) {
  expect(reading.commands).toEqual([]);
  const [answer, ...more] = reading.answers;
  expect(more).toEqual([]);
  return { topic: answer?.topic, ...JSON.parse(answer?.payload ?? '{}') };
}

const playing = (household: Household, name: string): Household =>
  withEvent(household, name, 'playback', 'playbackStatus', { playbackState: 'PLAYBACK_STATE_PLAYING' });

const CLIP = 'http://10.0.0.5/bell.mp3';

/** Every command that the door takes: an input, and what it means. */
const MEANINGS: Readonly<
  Record<string, readonly (readonly [input: unknown, command: string | null, payload: object])[]>
> = {
  crossfade: [
    ['On', 'crossfade', { value: 'On' }],
    [undefined, 'crossfade', { value: true }],
  ],
  groupvolume: [[30, 'group_volume', { value: 30 }]],
  groupvolumedown: [
    [undefined, 'group_volume', { value: '-4' }],
    [2, 'group_volume', { value: '-2' }],
  ],
  groupvolumeup: [
    [undefined, 'group_volume', { value: '+4' }],
    ['7', 'group_volume', { value: '+7' }],
  ],
  joingroup: [
    ['Den', 'join', { value: 'den' }],
    [idOf('Living Room'), 'join', { value: 'living-room' }],
    ['Nowhere', 'join', { value: 'Nowhere' }],
  ],
  leavegroup: [[undefined, 'leave', {}]],
  mute: [
    [undefined, 'mute', { value: true }],
    [false, 'mute', { value: false }],
  ],
  next: [[undefined, 'next', {}]],
  notify: [
    [CLIP, 'announce', { url: CLIP }],
    [
      { trackUri: CLIP, volume: 20, timeout: 10, delayMs: 750, onlyWhenPlaying: false },
      'announce',
      { url: CLIP, volume: 20 },
    ],
  ],
  notifytwo: [[{ trackUri: CLIP }, 'announce', { url: CLIP }]],
  pause: [[undefined, 'pause', {}]],
  play: [[undefined, 'play', {}]],
  playmode: [
    ['SHUFFLE', null, { shuffle: true, repeat: 'all' }],
    ['SHUFFLE_NOREPEAT', null, { shuffle: true, repeat: 'off' }],
    ['normal', null, { shuffle: false, repeat: 'off' }],
    ['REPEAT_ONE', null, { shuffle: false, repeat: 'one' }],
  ],
  previous: [[undefined, 'previous', {}]],
  repeat: [
    [true, 'repeat', { value: 'all' }],
    [false, 'repeat', { value: 'off' }],
    [undefined, 'repeat', { value: 'all' }],
  ],
  seek: [
    ['0:03:01', 'seek', { value: 181 }],
    [12, 'seek', { value: 12 }],
    ['1:05', 'seek', { value: 65 }],
  ],
  setnightmode: [[true, 'night_mode', { value: true }]],
  shuffle: [[true, 'shuffle', { value: true }]],
  speak: [
    [
      {
        text: 'Dinner',
        lang: 'en-US',
        gender: 'female',
        name: 'Joanna',
        engine: 'neural',
        endpoint: 'http://x/',
        volume: 30,
        delayMs: 5,
      },
      'announce',
      { text: 'Dinner', language: 'en-US', volume: 30 },
    ],
    ['Dinner', 'announce', { text: 'Dinner' }],
  ],
  speaktwo: [[{ text: 'Dinner' }, 'announce', { text: 'Dinner' }]],
  stop: [[undefined, 'pause', {}]],
  switchtoline: [[undefined, 'line_in', {}]],
  switchtotv: [[undefined, 'tv', {}]],
  toggle: [[undefined, 'toggle', {}]],
  unmute: [[undefined, 'mute', { value: false }]],
  volume: [[10, 'volume', { value: 10 }]],
  volumedown: [[undefined, 'volume', { value: '-4' }]],
  volumeup: [[9, 'volume', { value: '+9' }]],
};

const examples = Object.entries(MEANINGS).flatMap(([name, all]) =>
  all.map((each) => [name, ...each] as const),
);
const impossible = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.kind === 'unsupported');

describe('a command that sonos2mqtt takes', () => {
  it('has a meaning here, or a reason why it has none', () => {
    expect([...Object.keys(MEANINGS), ...impossible].sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  it.each(examples)('%s %j is %s %j, in all three ways to send it', (name, input, command, payload) => {
    const meant = [[`home/living-room/set${command === null ? '' : `/${command}`}`, payload]];
    const uuid = idOf('Living Room');
    const words = input === undefined ? { command: name } : { command: name, input };
    expect(commandsOf(read(`${uuid}/control`, words))).toEqual(meant);
    expect(commandsOf(read('living-room/control', words))).toEqual(meant);
    expect(commandsOf(read(`set/living-room/${name}`, input ?? ''))).toEqual(meant);
    expect(commandsOf(read(`set/${uuid}/${name}`, input ?? ''))).toEqual(meant);
    const wrapped = { cmd: name, ...(input === undefined ? {} : { val: input }) };
    expect(commandsOf(read(`${uuid}/control`, { command: 'command', input: wrapped }))).toEqual(meant);
  });

  it.each(examples)('%s %j becomes what the bridge itself can read', (name, input, command) => {
    const [made] = read(`set/den/${name}`, input ?? '').commands;
    const row = COMMANDS[name];
    if (row?.kind !== 'supported') throw new Error(`${name} is not possible`);
    if (command === null) {
      const set = readSetPayload(made?.payload ?? new Uint8Array());
      const asked = set.ok ? set.value.commands : [];
      expect(asked.map((each) => each.command)).toEqual(row.becomes);
      for (const each of asked) expect(roomCommands.get(each.command)?.value.read(each.raw).ok).toBe(true);
      return;
    }
    expect(row.becomes).toEqual([command]);
    const payload = readPayload(made?.payload ?? new Uint8Array());
    const reader = command === 'announce' ? announce : roomCommands.get(command)?.value;
    expect([command, payload.ok && reader?.read(payload.value.raw).ok]).toEqual([command, true]);
  });

  it.each(impossible)('%s is told to be impossible, why, and what to use instead', (name) => {
    for (const reading of [
      read(`${idOf('Den')}/control`, { command: name, input: 1 }),
      read(`set/den/${name}`, '1'),
    ]) {
      const { topic, command, error } = answerOf(reading);
      expect(topic).toBe(`sonos/${idOf('Den')}/error`);
      expect(command).toBe(name);
      expect(error.code).toBe('not_capable');
      expect(error.message).toContain(`"${name}"`);
      expect(error.advice).not.toBe('');
    }
  });

  it('is only heard where something plays when that was asked for', () => {
    const asked = { text: 'Dinner', onlyWhenPlaying: true };
    expect(answerOf(read('set/den/speak', asked)).error.code).toBe('blocked');
    expect(commandsOf(read('set/den/speak', asked, [playing(home, 'Den')]))).toEqual([
      ['home/den/set/announce', { text: 'Dinner' }],
    ]);
  });

  it.each([
    ['volume', [1]],
    ['volumeup', 'loud'],
    ['volumeup', -3],
    ['volumedown', 101],
    ['groupvolumeup', 1.5],
    ['seek', 'soon'],
    ['seek', '0:99'],
    ['playmode', 'LOUDER'],
    ['playmode', 'toString'],
    ['joingroup', { room: 'den' }],
    ['notify', { volume: 1 }],
    ['speak', { volume: 1 }],
    ['speak', 7],
    ['mute', { x: 1 }],
    ['command', { cmd: 'command', val: { cmd: 'play' } }],
    ['command', 'play'],
  ])('%s %j is turned down with what it takes', (name, input) => {
    const { topic, error } = answerOf(read(`set/den/${name}`, JSON.stringify(input)));
    expect(topic).toBe(`sonos/${idOf('Den')}/error`);
    expect(error.code).toBe('invalid_payload');
    expect(error.advice).toMatch(/^(Send|At most)/);
  });
});

describe('a command for all rooms', () => {
  it.each([
    ['speak', { text: 'Dinner', volume: 20 }, 'announce', { text: 'Dinner', volume: 20 }],
    ['notify', CLIP, 'announce', { url: CLIP }],
    ['pauseall', '', 'pause', {}],
    ['check-subscriptions', '', 'refresh', {}],
  ])('%s goes to every household', (name, input, command, payload) => {
    const hut = { ...house(['Attic']), id: 'Sonos_Hut', alias: 'hut' };
    expect(commandsOf(read(`cmd/${name}`, input, [home, hut]))).toEqual([
      [`home/all/set/${command}`, payload],
      [`hut/all/set/${command}`, payload],
    ]);
    expect(BROADCASTS[name]).toMatchObject({ becomes: [command] });
    expect(KNOWN).toContain(command);
  });

  it('is heard in the rooms that play, as one announcement, when only they are meant', () => {
    const loud = playing(playing(home, 'Den'), 'Bath');
    expect(commandsOf(read('cmd/speak', { text: 'Dinner', onlyWhenPlaying: true }, [loud]))).toEqual([
      ['home/bath/set/announce', { text: 'Dinner', rooms: ['den', 'living-room'] }],
    ]);
    expect(answerOf(read('cmd/speak', { text: 'Dinner', onlyWhenPlaying: true })).error.code).toBe('blocked');
  });

  it.each(Object.keys(BROADCASTS).filter((name) => BROADCASTS[name]?.kind === 'unsupported'))(
    '%s is told to be impossible',
    (name) => {
      expect(answerOf(read(`cmd/${name}`, '{}'))).toMatchObject({
        topic: 'sonos/bridge/error',
        command: name,
        error: { code: 'not_capable' },
      });
    },
  );

  it('is answered when there is no room to hear it', () => {
    expect(answerOf(read('cmd/pauseall', '', [])).error).toMatchObject({ code: 'unknown_room' });
  });
});

describe('whatever cannot be understood is answered, where that project is silent', () => {
  it('a room that there is not', () => {
    const seen = { topic: 'sonos/bridge/error', room: 'kitchn', error: { code: 'unknown_room' } };
    const kitchen = [house(['Kitchen'])];
    expect(answerOf(read('set/kitchn/play', '', kitchen))).toMatchObject({ ...seen, command: 'play' });
    const answer = answerOf(read('kitchn/control', '{"command":"play"}', kitchen));
    expect(answer).toMatchObject({ ...seen, command: 'control' });
    expect(answer.error.advice).toBe('Did you mean "kitchen"?');
  });

  it('a name that two rooms have', () => {
    const twins = house([{ name: 'Bed Room', id: 'RINCON_1' }], [{ name: 'bed room', id: 'RINCON_2' }]);
    const { error } = answerOf(read('set/bed-room/play', '', [twins]));
    expect(error.code).toBe('ambiguous_name');
    expect(error.advice).toContain('RINCON_1, RINCON_2');
    expect(commandsOf(read('set/rincon_2/play', '', [twins]))).toEqual([['home/bed-room-2/set/play', {}]]);
  });

  it('a verb that there is not', () => {
    expect(answerOf(read('set/den/volum', '5'))).toMatchObject({
      topic: `sonos/${idOf('Den')}/error`,
      error: { code: 'unknown_command', advice: 'Did you mean "volume"?' },
    });
    expect(answerOf(read('set/den/constructor')).error.code).toBe('unknown_command');
    expect(answerOf(read('cmd/speek', 'x')).error.code).toBe('unknown_command');
  });

  it.each(['', 'volume 10', '10', '[]', 'null', '{"input": 10}', '{"command": 7}'])(
    '%j as control',
    (payload) => {
      expect(answerOf(read('den/control', payload))).toMatchObject({
        topic: `sonos/${idOf('Den')}/error`,
        command: 'control',
        error: { code: 'invalid_payload' },
      });
    },
  );

  it('raw calls, which have no meaning in the cloud', () => {
    const raw = { sonosCommand: 'AVTransportService.Pause', input: {} };
    expect(answerOf(read('den/control', raw)).error.code).toBe('not_capable');
  });

  it('what is no text, and what is too much', () => {
    for (const payload of [new Uint8Array([0xff, 0xfe]), new Uint8Array(70_000).fill(32)]) {
      const reading = door.read({ topic: 'sonos/set/den/volume', payload }, [home]);
      expect(answerOf(reading ?? { commands: [], answers: [] }).error.code).toBe('invalid_payload');
    }
  });

  it('a word that is too long, whole or not at all', () => {
    const long = 'x'.repeat(300);
    expect(JSON.stringify(read(`set/${long}/${long}`).answers)).not.toContain('xxxx');
  });
});

describe('the door', () => {
  it('leaves every other topic alone', () => {
    for (const topic of [
      'sonos/home/den/set/volume',
      'sonos/home/den/set',
      'sonos/bridge/set/refresh',
      'sonos/set/den',
      'sonos/set/den/volume/up',
      'sonos/cmd/speak/now',
      'sonosx/cmd/speak',
      'sonos',
      'other/set/den/volume',
    ])
      expect([topic, door.read({ topic, payload: bytes('1') }, [home])]).toEqual([topic, null]);
  });

  it('takes the state of a room called Control for no command', () => {
    const odd = house(['Control'], ['Home']);
    expect(door.read({ topic: 'sonos/home/control', payload: bytes('{}') }, [odd])).toBe(null);
    // Without such a room, somebody may mean a room called Home.
    expect(commandsOf(read('home/control', '{"command":"play"}', [house(['Home'])]))).toEqual([
      ['home/home/set/play', {}],
    ]);
  });

  it('never answers where it listens itself', () => {
    const topics = [
      'set/den/x',
      'cmd/error',
      'cmd/control',
      'set/set/set',
      'control/control',
      'bridge/control',
    ];
    for (const { topic } of topics.flatMap((topic) => read(topic, 'x').answers))
      expect([topic, door.filters.some((filter) => covers(filter, topic))]).toEqual([topic, false]);
  });

  it('answers every message on its topics or makes commands of it, whatever is in it', () => {
    const word = fc.oneof(
      fc.constantFrom('den', 'bath', 'living-room', 'home', idOf('Den'), 'RINCON_1', '__proto__', ''),
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[/+#\0]/g, '')),
    );
    const verb = fc.oneof(
      fc.constantFrom(...Object.keys(COMMANDS), ...Object.keys(BROADCASTS), 'command'),
      word,
    );
    const topic = fc.oneof(
      fc.tuple(word, verb).map(([who, what]) => `set/${who}/${what}`),
      word.map((who) => `${who}/control`),
      verb.map((what) => `cmd/${what}`),
    );
    const keys = fc.constantFrom(
      'command',
      'input',
      'cmd',
      'val',
      'text',
      'trackUri',
      'volume',
      'onlyWhenPlaying',
      '__proto__',
    );
    const input = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.oneof(verb, fc.jsonValue())));
    const control = fc.record({
      command: verb,
      input: fc.oneof(input, fc.record({ cmd: verb, val: input })),
    });
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.oneof(input, control).map(bytes),
      verb.map(bytes),
      fc.constant(bytes('['.repeat(30_000) + ']'.repeat(30_000))),
      fc.constant(bytes(`{"command":"mute","input":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`)),
    );
    const rooms = new Set([...home.rooms.values()].map((room) => room.address).concat('all'));
    fc.assert(
      fc.property(topic, payload, (at, what) => {
        const reading = door.read({ topic: `sonos/${at}`, payload: what }, [home]);
        if (reading === null) throw new Error('nobody was answered');
        expect(reading.commands.length + reading.answers.length).toBeGreaterThan(0);
        for (const command of reading.commands) {
          expect(command.household).toBe('home');
          expect(rooms.has(command.room)).toBe(true);
          if (command.command !== null) expect(KNOWN).toContain(command.command);
        }
        for (const answer of reading.answers) {
          expect(readTopic(answer.topic).ok).toBe(true);
          const { error } = JSON.parse(answer.payload);
          expect(error.message).not.toBe('');
        }
      }),
      { numRuns: 400 },
    );
  });
});
