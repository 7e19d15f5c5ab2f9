import { describe, expect, it } from 'vitest';
import { convertText } from '../../src/config/convert.ts';
import {
  isBaseTopic,
  isBrokerUrl,
  isCallbackPath,
  isHost,
  isHttpTemplate,
  isHttpUrl,
  isLoopback,
  isPasswordOrHash,
  isRedirectUri,
  isSafeWebUrl,
  isTimeZone,
  isTopicFilter,
} from '../../src/config/formats.ts';
import { expectedAt } from '../../src/config/keys.ts';

/** What each format takes and what it refuses. */
const table: readonly (readonly [
  format: (text: string) => boolean,
  taken: readonly string[],
  refused: readonly string[],
])[] = [
  [
    isPasswordOrHash,
    ['correct horse', 'scrypt$', '$scrypt', `$scrypt$ln=15,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`],
    [
      '$scrypt$',
      `$scrypt$ln=15,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(20)}`,
      `$scrypt$ln=10,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`,
      `$scrypt$ln=20,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`,
      `$scrypt$ln=15,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}=`,
      // What a shell has left of it.
      '$scrypt$ln=15,r=8,p=1',
    ],
  ],
  [
    isLoopback,
    ['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.3', '::1', '[::1]', '0:0:0:0:0:0:0:1'],
    ['0.0.0.0', '::', '192.168.1.1', 'localhost.example.org', 'bridge', '', '128.0.0.1'],
  ],
  [
    isHost,
    ['0.0.0.0', '::', 'fd00::1', 'bridge', 'bridge.local', 'a_b', 'x-1.example.org'],
    ['', '1.2.3.4:80', 'a b', 'http://x', '[::1]', '-x', 'a..b', '*', `${'a'.repeat(64)}.org`, 'x/y'],
  ],
  [
    isSafeWebUrl,
    [
      'https://x.example',
      'https://x.example/p/',
      'http://localhost:1',
      'http://127.0.0.1/a',
      'http://[::1]:5',
    ],
    [
      'http://x.example',
      'x.example',
      'https://u:p@x',
      'https://x?q',
      'https://x#f',
      'ftp://x',
      'https:x',
      '',
    ],
  ],
  [
    isHttpUrl,
    ['http://tts.lan', 'https://api.example/v1/', 'http://192.168.1.5:59125', 'http://[fd00::1]:80/a'],
    [
      'tts.lan',
      'http://u@x',
      'http://u:p@x',
      'http://x?',
      'http://x/#',
      'ftp://x',
      'http:x',
      'http://a b',
      '',
    ],
  ],
  [
    isHttpTemplate,
    [
      'http://x/say?text={text}&lang={language}&v={voice}&s={speed}',
      'https://x/{language}/{text}.mp3',
      'http://x/say',
      'http://x:5002/api?key=1&q={text}',
      'http://x?q={text}',
    ],
    [
      'http://{text}/',
      'http://{voice}.lan/{text}',
      'http://x:{speed}/',
      'http://{text}@x/',
      'http://u:p@x/{text}',
      'http://{other}/',
      'HTTP://{x}',
      'http://x/#{text}',
      'http://x/{te xt}',
      'ftp://x/{text}',
      '{text}',
      '',
    ],
  ],
  [
    isTimeZone,
    ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'europe/berlin'],
    ['', 'Berlin', 'Europe/Atlantis', 'local', 'CET+1x', ' UTC', '../../etc/passwd'],
  ],
  [
    isRedirectUri,
    ['https://x.example/cb', 'http://192.168.1.5:8787/cb', 'https://x/cb?a=1'],
    ['/cb', 'https://x/cb#', 'ftp://x/cb', 'https://x/c b', ' https://x', 'https://u@x/'],
  ],
  [
    isBrokerUrl,
    ['mqtt://x', 'mqtts://x:8883', 'ws://x/mqtt', 'wss://x', 'mqtt://[::1]:1883'],
    ['tcp://x', 'http://x', 'x', 'x:1883', 'mqtt://', 'mqtt://u:p@x', 'mqtt:x'],
  ],
  [
    isCallbackPath,
    ['/a', '/sonos/events/x_Y~1.2-3'],
    ['', '/', 'a', '/a/', '//a', '/a//b', '/a/../b', '/..', '/./a', '/a?b', '/a#b', '/a b', '/a%20b', '/é'],
  ],
  [
    isBaseTopic,
    ['sonos', 'home/sonos', 'a b', 'é', 'x'.repeat(64)],
    ['', '/a', 'a/', 'a//b', '$SYS', 'a/+', 'a#', 'a\u0000b', 'a\nb', '\ud800', 'x'.repeat(65)],
  ],
  [
    isTopicFilter,
    ['#', '+', 'a/+/b/#', '$SYS/#', '/a', 'a//b'],
    ['', 'a/#/b', 'a+', 'a/b#', 'a\u0000', '\ud800', 'x'.repeat(65_536)],
  ],
];

describe.each(table.map(([format, ...texts]) => [format.name, format, ...texts] as const))(
  '%s',
  (_, format, taken, refused) => {
    it.each(taken)('takes %j', (text) => {
      expect(format(text)).toBe(true);
    });
    it.each(refused)('refuses %j', (text) => {
      expect(format(text)).toBe(false);
    });
  },
);

describe('the text of a variable or a flag', () => {
  it('becomes a number only when it is one in plain digits', () => {
    const number = { kind: 'number', node: { type: 'number' } } as const;
    expect(['5', '-1', '0.5'].map((text) => convertText(text, number))).toEqual(
      [5, -1, 0.5].map((value) => ({ ok: true, value })),
    );
    for (const text of ['', ' ', '0x10', '1e3', '5 ', 'Infinity', '1,5', '.5']) {
      expect(convertText(text, number)).toEqual({ ok: true, value: text });
    }
  });

  it('becomes true or false only when it says so', () => {
    const flag = { kind: 'boolean', node: { type: 'boolean' } } as const;
    expect(['true', 'false', 'yes'].map((text) => convertText(text, flag))).toEqual(
      [true, false, 'yes'].map((value) => ({ ok: true, value })),
    );
  });
});

describe('what is expected', () => {
  it('follows from the type when the setting does not say it', () => {
    expect(expectedAt({ type: 'integer', minimum: 1, maximum: 5 })).toBe('a whole number from 1 to 5');
    expect(expectedAt({ type: 'number', exclusiveMinimum: 0 })).toBe('a number above 0');
    expect(expectedAt({ type: 'boolean' })).toBe('true or false');
    expect(expectedAt({ type: 'string' })).toBe('text');
    expect(expectedAt({ enum: ['auto', 4, 5] })).toBe('auto, 4 or 5');
  });
});
