import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandError, commandError, type ErrorCode } from '../../../src/bridge/command-error.ts';
import { roomCommands } from '../../../src/bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../../src/bridge/own-commands.ts';
import { readPayload } from '../../../src/bridge/payload.ts';
import type { Reply } from '../../../src/bridge/replies.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { HOUSE_ACTIONS } from '../../../src/web/http-api/house-table.ts';
import { ACTIONS } from '../../../src/web/http-api/table.ts';
import type { WebQuestion } from '../../../src/web/options.ts';
import { house, idOf, withEvent } from '../../support/house.ts';
import { openHouse } from '../house.ts';

const playing = (household: Household, name: string): Household =>
  withEvent(household, name, 'playback', 'playbackStatus', {
    playbackState: 'PLAYBACK_STATE_PLAYING',
    positionMillis: 72_000,
    itemId: '1',
    playModes: { shuffle: true, repeat: true, repeatOne: false, crossfade: false },
  });

const lists = (household: Household): Household =>
  withEvent(
    withEvent(household, 'Den', 'favorites', 'favoritesList', {
      version: '1',
      items: [{ id: '7', name: 'Jazz' }],
    }),
    'Den',
    'playlists',
    'playlistsList',
    { version: '1', playlists: [{ id: '9', name: 'Morning', trackCount: 3 }] },
  );

const home = lists(playing(house(['Living Room', 'Bath'], ['Den']), 'Living Room'));
const done = (room: string): Reply => ({ id: '1', command: 'x', room, status: 'confirmed', elapsed_ms: 1 });
const failed = (room: string, error: CommandError): Reply => ({ ...done(room), status: 'failed', error });

/** The listener with the door open, and what was asked through it. */
async function open(
  households: readonly Household[] = [home],
  answer: (question: WebQuestion) => readonly Reply[] = ({ room }) => [done(room)],
) {
  const asked: WebQuestion[] = [];
  const house = await openHouse({
    httpApi: {
      households: () => households,
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answer(question));
      },
    },
  });
  const call = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const { status, text } = await house.visit(path, { headers });
    return { status, body: JSON.parse(text) };
  };
  return { ...house, asked, call };
}

const URL_OF_CLIP = 'http://10.0.0.5/a/bell.mp3';

/** Every action of a room: what may follow it, and what is asked for then. */
const MEANINGS: Readonly<
  Record<string, readonly (readonly [rest: string, command: string, payload: object, room?: string])[]>
> = {
  play: [['', 'play', {}]],
  pause: [['', 'pause', {}]],
  playpause: [['', 'toggle', {}]],
  next: [['', 'next', {}]],
  previous: [['', 'previous', {}]],
  volume: [
    ['/15', 'volume', { value: '15' }],
    ['/+5', 'volume', { value: '+5' }],
    ['/-5', 'volume', { value: '-5' }],
    ['/%2B5', 'volume', { value: '+5' }],
  ],
  groupvolume: [['/30', 'group_volume', { value: '30' }]],
  mute: [['', 'mute', { value: true }]],
  unmute: [['', 'mute', { value: false }]],
  togglemute: [['', 'mute', { value: 'toggle' }]],
  groupmute: [['', 'group_mute', { value: true }]],
  groupunmute: [['', 'group_mute', { value: false }]],
  timeseek: [['/120', 'seek', { value: '120' }]],
  shuffle: [
    ['/on', 'shuffle', { value: true }],
    ['/toggle', 'shuffle', { value: false }],
  ],
  crossfade: [
    ['/off', 'crossfade', { value: false }],
    ['/toggle', 'crossfade', { value: true }],
  ],
  repeat: [
    ['/on', 'repeat', { value: 'all' }],
    ['/one', 'repeat', { value: 'one' }],
    ['/none', 'repeat', { value: 'off' }],
    ['/toggle', 'repeat', { value: 'one' }],
  ],
  favorite: [['/Caf%C3%A9%20%2F%20Bar', 'favorite', { value: 'Café / Bar' }]],
  playlist: [['/100%25', 'playlist', { value: '100%' }]],
  join: [['/den', 'join', { value: 'den' }]],
  add: [['/Den', 'join', { value: 'living-room' }, 'den']],
  leave: [['', 'leave', {}]],
  isolate: [['', 'leave', {}]],
  ungroup: [['', 'leave', {}]],
  remove: [['/bath', 'leave', {}, 'bath']],
  say: [
    ['/Dinner%20is%20ready', 'announce', { text: 'Dinner is ready' }],
    ['/Hej/sv-se', 'announce', { text: 'Hej', language: 'sv-se' }],
    ['/Hej/40', 'announce', { text: 'Hej', volume: 40 }],
    ['/Hej/sv-se/40', 'announce', { text: 'Hej', language: 'sv-se', volume: 40 }],
    ['/Hej/Nicole/40', 'announce', { text: 'Hej', voice: 'Nicole', volume: 40 }],
    ['/Ready?', 'announce', { text: 'Ready?' }],
    ['/5%2F6', 'announce', { text: '5/6' }],
  ],
  clip: [
    [`/${URL_OF_CLIP}`, 'announce', { url: URL_OF_CLIP }],
    [`/${URL_OF_CLIP}?token=1`, 'announce', { url: `${URL_OF_CLIP}?token=1` }],
    [`/${encodeURIComponent(URL_OF_CLIP)}/35`, 'announce', { url: URL_OF_CLIP, volume: 35 }],
    ['/doorbell.mp3', 'announce', { chime: 'doorbell' }],
    ['/doorbell/60', 'announce', { chime: 'doorbell', volume: 60 }],
  ],
  linein: [
    ['', 'line_in', {}],
    ['/Den', 'line_in', { value: 'den' }],
  ],
  tv: [['', 'tv', {}]],
  nightmode: [['/on', 'night_mode', { value: true }]],
  speechenhancement: [['/off', 'dialog', { value: false }]],
  sleep: [
    ['/1800', 'sleep', { value: 30 }],
    ['/01:30:00', 'sleep', { value: 90 }],
    ['/off', 'sleep', { value: 'off' }],
  ],
};

const SHOWN = ['favorites', 'playlists', 'state'];
const impossible = Object.keys(ACTIONS).filter((name) => ACTIONS[name]?.kind === 'unsupported');
const impossibleHere = Object.keys(HOUSE_ACTIONS).filter(
  (name) => HOUSE_ACTIONS[name]?.kind === 'unsupported',
);
const examples = Object.entries(MEANINGS).flatMap(([name, all]) =>
  all.map(([rest, command, payload, room = 'living-room']) => [name, rest, command, payload, room] as const),
);

describe('an action of a room', () => {
  it('has a meaning here, or a reason why it has none', () => {
    expect([...Object.keys(MEANINGS), ...SHOWN, ...impossible].sort()).toEqual(Object.keys(ACTIONS).sort());
  });

  it.each(examples)('%s%s asks for %s %j', async (name, rest, command, payload, room) => {
    const { asked, call } = await open();
    expect(await call(`/living%20room/${name}${rest}`)).toEqual({ status: 200, body: { status: 'success' } });
    expect(asked).toEqual([{ household: 'home', room, command, payload, answers: 1 }]);
    expect(ACTIONS[name]).toMatchObject({ becomes: [command] });
    const bytes = new TextEncoder().encode(JSON.stringify({ ...payload, id: '1' }));
    const read = readPayload(bytes);
    const reader =
      roomCommands.get(command)?.value ??
      Object.entries(OWN_COMMANDS).find(([own]) => own === command)?.[1].value;
    expect([command, read.ok && reader?.read(read.value.raw).ok]).toEqual([command, true]);
  });

  it.each(impossible)('%s is answered 501, with why and what to use instead', async (name) => {
    const { asked, call } = await open();
    const { status, body } = await call(`/den/${name}/1`);
    expect([status, body.status, body.code]).toEqual([501, 'error', 'not_capable']);
    expect(body.error).toContain(`"${name}"`);
    expect(body.advice).not.toBe('');
    expect(body).not.toHaveProperty('stack');
    expect(asked).toEqual([]);
  });

  it.each([
    ['volume', 400],
    ['timeseek', 400],
    ['favorite', 400],
    ['favorite/%20', 400],
    ['shuffle', 400],
    ['shuffle/maybe', 400],
    ['repeat/constructor', 400],
    ['say', 400],
    ['say/a/en/b', 400],
    ['say/a/en/5/6', 400],
    ['clip/bell/loud', 400],
    ['join', 400],
    ['sleep', 400],
    ['sleep/soon', 400],
    ['join/nowhere', 404],
    ['constructor', 404],
    ['', 404],
    ['volum/5', 404],
  ])('/den/%s is turned down with %i and what would be right', async (rest, expected) => {
    const { asked, call } = await open();
    const { status, body } = await call(`/den/${rest}`);
    expect([status, body.status]).toEqual([expected, 'error']);
    expect(body.advice).not.toBe('');
    expect(asked).toEqual([]);
  });

  it('may be written in any case, and its room as people, topics or Sonos call it', async () => {
    const { asked, call } = await open();
    for (const word of [
      'Living%20Room',
      'LIVING%20ROOM',
      'living-room',
      idOf('Living Room'),
      'living%20room',
    ])
      expect((await call(`/${word}/PlayPause/`)).status).toBe(200);
    expect(new Set(asked.map(({ room }) => room))).toEqual(new Set(['living-room']));
  });

  it('finds rooms whose names hold slashes, percent signs and letters of every script', async () => {
    const names = ['A/B', '50%', 'Küche', '客厅', 'zones', 'a+b', '..', 'Q?'];
    const { asked, call } = await open([house(...names.map((name) => [name]))]);
    for (const name of names)
      expect([name, (await call(`/${encodeURIComponent(name)}/play`)).status]).toEqual([name, 200]);
    expect(new Set(asked.map(({ room }) => room)).size).toBe(names.length);
  });

  it('shows the state without asking for anything', async () => {
    const { asked, call } = await open([home]);
    const { status, body } = await call('/living%20room/state');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      currentTrack: { title: '', type: 'track', stationName: '' },
      playbackState: 'PLAYING',
      playMode: { repeat: 'all', shuffle: true, crossfade: false },
    });
    expect(body.elapsedTime).toBeGreaterThanOrEqual(72);
    expect(body.elapsedTimeFormatted).toMatch(/^\d\d+:\d\d:\d\d$/);
    expect(await call('/den/favorites')).toEqual({ status: 200, body: ['Jazz'] });
    expect((await call('/den/favorites/detailed')).body).toEqual([{ title: 'Jazz', id: '7' }]);
    expect((await call('/den/playlists')).body).toEqual(['Morning']);
    expect(asked).toEqual([]);
  });

  it('says when a list was not read yet', async () => {
    const { call } = await open([house(['Den'])]);
    expect((await call('/den/favorites')).status).toBe(503);
  });
});

describe('an action without a room', () => {
  it('zones shows who plays with whom', async () => {
    const { call } = await open();
    const { body } = await call('/zones');
    expect(body).toHaveLength(2);
    const together = body.find(({ uuid }: { uuid: string }) => uuid === idOf('Living Room'));
    expect(together.coordinator).toMatchObject({
      roomName: 'Living Room',
      state: { playbackState: 'PLAYING' },
    });
    expect(together.members.map(({ roomName }: { roomName: string }) => roomName).sort()).toEqual([
      'Bath',
      'Living Room',
    ]);
  });

  it('pauseall pauses what plays, and resumeall plays that again, once', async () => {
    const { asked, call } = await open();
    await call('/pauseall');
    await call('/resumeall');
    await call('/resumeall');
    expect(asked.map(({ room, command }) => [room, command])).toEqual([
      ['living-room', 'pause'],
      ['living-room', 'play'],
    ]);
    expect((await call('/pauseall/5')).status).toBe(501);
    expect((await call('/resumeall/5')).status).toBe(501);
    expect((await call('/pauseall/0')).status).toBe(200);
  });

  it('sayall and clipall are one announcement in every household', async () => {
    const hut = { ...house(['Attic']), id: 'Sonos_Hut', alias: 'hut' };
    const { asked, call } = await open([home, hut]);
    await call('/sayall/Dinner/en/30');
    await call('/clipall/doorbell');
    expect(asked).toEqual(
      [{ text: 'Dinner', language: 'en', volume: 30 }, { chime: 'doorbell' }].flatMap((payload) => [
        { household: 'home', room: 'all', command: 'announce', payload, answers: 3 },
        { household: 'hut', room: 'all', command: 'announce', payload, answers: 1 },
      ]),
    );
    expect((await (await open([])).call('/sayall/Dinner')).status).toBe(503);
  });

  it.each(impossibleHere)('%s is answered 501', async (name) => {
    const { call } = await open();
    expect((await call(`/${name}/x`)).status).toBe(501);
  });

  it.each([
    ['/play', 404, /needs a room/],
    ['/kitchn/play', 404, /No room is called "kitchn"/],
    ['/zoness', 404, /no action "zoness"/],
    ['/favicon.ico', 404, /no action/],
    ['/%zz/play', 400, /%25/],
    ['/%ff', 400, /%25/],
    ['/den/say/%E2%28', 400, /%25/],
  ])('%s is answered %i', async (path, expected, said) => {
    const { call } = await open();
    const { status, body } = await call(path);
    expect(status).toBe(expected);
    expect(body.error).toMatch(said);
  });

  it('names what was probably meant', async () => {
    const { call } = await open([house(['Kitchen'])]);
    expect((await call('/kitchn/play')).body.advice).toBe('Did you mean "kitchen"?');
    expect((await call('/kitchen/volum')).body.advice).toBe('Did you mean "volume"?');
  });
});

describe('what the bridge answered', () => {
  const codes: readonly (readonly [ErrorCode, number])[] = [
    ['invalid_payload', 400],
    ['unknown_favorite', 404],
    ['ambiguous_name', 409],
    ['not_capable', 409],
    ['blocked', 403],
    ['rate_limited', 429],
    ['sonos_error', 502],
    ['not_linked', 503],
    ['timeout', 504],
    ['internal', 500],
  ];

  it.each(codes)('%s is told with %i, and no stack', async (code, expected) => {
    const error = commandError(code, 'It went wrong.', 'Do it right.');
    const { call } = await open([home], ({ room }) => [failed(room, error)]);
    expect(await call('/den/play')).toEqual({
      status: expected,
      body: { status: 'error', error: 'It went wrong.', code, advice: 'Do it right.' },
    });
  });

  it('is success when one of several rooms did it, and names the others', async () => {
    const error = commandError('not_capable', 'No clips.');
    const { call } = await open([home], () => [done('den'), failed('bath', error)]);
    expect(await call('/sayall/Dinner')).toEqual({
      status: 200,
      body: { status: 'success', failed: [{ room: 'bath', error: 'No clips.', code: 'not_capable' }] },
    });
  });

  it('is success while it is only accepted, and 504 when nothing was said', async () => {
    const accepted = await open([home], ({ room }) => [{ ...done(room), status: 'accepted' }]);
    expect((await accepted.call('/den/play')).status).toBe(200);
    const silent = await open([home], () => []);
    expect((await silent.call('/den/play')).status).toBe(504);
  });
});

describe('nobody is led here by a page', () => {
  const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  it.each([
    ['an image on another page, over plain http', { 'User-Agent': BROWSER }],
    [
      'a link that was followed on another site',
      {
        'User-Agent': BROWSER,
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
      },
    ],
    [
      'a link on another page of this machine',
      {
        'User-Agent': BROWSER,
        'Sec-Fetch-Site': 'same-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
      },
    ],
    [
      'an address that is fetched ahead',
      { 'User-Agent': BROWSER, 'Sec-Fetch-Site': 'none', 'Sec-Purpose': 'prefetch;prerender' },
    ],
  ])('%s does not act', async (_what, headers) => {
    const { asked, call } = await open();
    for (const path of ['/den/volume/100', '/pauseall', '/sayall/boo'])
      expect((await call(path, headers)).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('an image on another page does not even see anything', async () => {
    const { visit, asked } = await open();
    const headers = {
      'User-Agent': BROWSER,
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'no-cors',
      'Sec-Fetch-Dest': 'image',
    };
    expect((await visit('/zones', { headers })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it.each([
    ['a script', { 'User-Agent': 'curl/8.5.0' }],
    ['an app', { 'User-Agent': 'BackgroundShortcutRunner/1 CFNetwork/1.0' }],
    ['Node', { 'User-Agent': 'node', 'Sec-Fetch-Mode': 'cors' }],
    ['somebody without a name', {}],
    [
      'a bookmark at localhost',
      {
        'User-Agent': BROWSER,
        'Sec-Fetch-Site': 'none',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
      },
    ],
  ])('%s does', async (_what, headers) => {
    const { asked, call } = await open();
    expect((await call('/den/volume/10', headers)).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it('a browser may look all the same', async () => {
    const { call } = await open();
    expect((await call('/zones', { 'User-Agent': BROWSER })).status).toBe(200);
  });
});

describe('the door', () => {
  it('asks for the password of the listener', async () => {
    const { ask, asked } = await open();
    for (const path of ['/zones', '/den/play', '/nothing'])
      expect([path, (await ask(path)).status]).toEqual([path, 401]);
    expect(asked).toEqual([]);
  });

  it.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('does nothing on %s', async (method) => {
    const { visit, asked } = await open();
    const { status, headers } = await visit('/den/play', { method });
    expect([status, headers.allow]).toEqual([405, 'GET']);
    expect(asked).toEqual([]);
  });

  it('does not stand before the bridge’s own pages', async () => {
    const { visit } = await open([house(['login'], ['metrics'], ['health'], ['style.css'])]);
    expect((await visit('/metrics')).headers['content-type']).toContain('openmetrics');
    expect(JSON.parse((await visit('/health/live')).text)).toEqual({ status: 'live' });
    expect((await visit('/')).headers['content-type']).toContain('html');
  });

  it('is a wall when the settings do not open it', async () => {
    const { visit } = await openHouse();
    for (const path of ['/zones', '/den/play']) {
      const { status, text } = await visit(path);
      expect([status, text.includes('Nothing is here')]).toEqual([404, true]);
    }
  });

  it('answers every address in JSON, and asks only for rooms that there are', async () => {
    const { visit, asked } = await open();
    const level = fc.oneof(
      fc.constantFrom('den', 'bath', 'living room', 'zones', '__proto__', '..', '%', 'http:', ''),
      fc.constantFrom(...Object.keys(ACTIONS), ...Object.keys(HOUSE_ACTIONS)),
      fc.string({ maxLength: 12 }),
    );
    const path = fc.oneof(
      fc
        .array(level, { minLength: 1, maxLength: 5 })
        .map((levels) => levels.map((each) => encodeURIComponent(each)).join('/')),
      fc
        .string({ unit: fc.constantFrom(...'%/?+#abcdef0129.~'), minLength: 1, maxLength: 24 })
        .map((text) => text.replaceAll('#', '')),
    );
    await fc.assert(
      fc.asyncProperty(path, async (at) => {
        fc.pre(!/^(\?|$)/.test(at));
        const { status, text, headers } = await visit(`/${at}`);
        fc.pre(!headers['content-type']?.includes('html'));
        expect([200, 400, 403, 404, 409, 501, 503]).toContain(status);
        expect(() => JSON.parse(text)).not.toThrow();
        expect(text).not.toMatch(/\bat .+\.ts:\d+/);
      }),
      { numRuns: 150 },
    );
    const rooms = ['den', 'bath', 'living-room', 'all'];
    for (const { room, household } of asked)
      expect([household, rooms.includes(room)]).toEqual(['home', true]);
  });
});
