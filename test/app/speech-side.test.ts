import { describe, expect, it, onTestFinished } from 'vitest';
import { announcementSettings, openSpeechSide, providersOf, soundPolicy } from '../../src/app/speech-side.ts';
import { err } from '../../src/bridge/result.ts';
import { readConfig } from '../../src/config/read.ts';
import type { Config } from '../../src/config/schema.ts';
import { createLog } from '../../src/log.ts';
import type { LogLine } from '../../src/log-lines.ts';
import { createSecrets } from '../../src/secrets.ts';
import type { SpeechOptions } from '../../src/speech/speech.ts';
import { systemClock, systemRandom } from '../../src/system.ts';

async function settings(yaml: string): Promise<Config> {
  const read = await readConfig({ argv: [], env: {}, cwd: '/', readFile: async () => yaml });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.config;
}

/** What speech is opened with when these are the settings. */
async function openedWith(yaml: string) {
  const lines: LogLine[] = [];
  const log = createLog({ level: 'info', secrets: createSecrets(), destination: '/dev/null' });
  onTestFinished(() => log.close());
  log.onLine((line) => lines.push(line));
  const options: SpeechOptions[] = [];
  const opened = await openSpeechSide({
    ...{ config: await settings(yaml), clipSecret: 'secret-of-clips', log },
    ...{ clock: systemClock, random: systemRandom },
    doors: {
      openSpeech: async (given) => {
        options.push(given);
        return err('The port is taken.');
      },
    },
  });
  const [only, ...more] = options;
  if (only === undefined || more.length > 0) throw new Error('expected it to be opened once');
  return { opened, options: only, lines };
}

const ALL = `
data_dir: /var/lib/bridge
announcements:
  volume: 30
  volumes: {bedroom: 15, kitchen: 40}
  max_volume: 60
  before: doorbell
  chimes_dir: /etc/chimes
  max_queue: 7
  expire_seconds: 90
  quiet_hours:
    - {from: '22:00', to: '06:30', timezone: Europe/Berlin, rooms: [bedroom], min_priority: high}
    - {from: '13:00', to: '14:00', min_priority: normal}
  not_while_tv: true
  repeat_seconds: 2.5
  devices: all
  allowed_hosts: [media.example.org]
speech:
  providers: [http, openai, marytts, home_assistant, espeak]
  language: de-AT
  voice: anna
  speed: 1.25
  max_characters: 99
  timeout_seconds: 2.5
  clip_url: http://bridge.lan:99/
  clip_host: 192.168.1.10
  clip_port: 99
  cache_megabytes: 11
  cache_days: 2
  espeak: {program: /opt/espeak, words_per_minute: 200}
  openai: {url: http://tts.lan/v1/, key: canary-key, model: m, voice: v}
  marytts: {url: http://mary.lan/}
  home_assistant: {url: http://ha.lan/, token: canary-token, engine: tts.x}
  http: {url: 'http://say.lan/{text}', authorization: Bearer canary}
`;

describe('speech as the settings have it', () => {
  it('gets what each of them says, in its own units', async () => {
    const { opened, options, lines } = await openedWith(ALL);
    const { clock, random, log: logGiven, policy, ...rest } = options;
    expect(opened).toEqual(err('The port is taken.'));
    expect(rest).toEqual({
      defaults: { language: 'de-AT', voice: 'anna', speed: 1.25, maxCharacters: 99, before: 'doorbell' },
      providers: providersOf(await settings(ALL)),
      timeoutMs: 2_500,
      chimesFolder: '/etc/chimes',
      clips: {
        ...{ url: 'http://bridge.lan:99', host: '192.168.1.10', port: 99, folder: '/var/lib/bridge/clips' },
        ...{ secret: 'secret-of-clips', maxBytes: 11_000_000, maxAgeMs: 172_800_000 },
      },
      isPolicyListed: true,
    });
    expect([clock, random]).toEqual([systemClock, systemRandom]);
    expect(policy('http://media.example.org/a.mp3').ok).toBe(true);
    expect(policy('http://192.168.1.7/a.mp3').ok).toBe(false);
    logGiven.warn('one line');
    expect(lines).toMatchObject([{ room: 'speech', message: 'one line' }]);
  });

  it('has nothing where they say nothing', async () => {
    const { options } = await openedWith('');
    expect(options.defaults).toEqual({
      ...{ language: 'en', voice: null, speed: 1, maxCharacters: 500, before: null },
    });
    expect(options).toMatchObject({ timeoutMs: 10_000, chimesFolder: null, isPolicyListed: false });
    expect(options.clips).toEqual({
      ...{ url: null, host: '0.0.0.0', port: 8789, folder: 'data/clips', secret: 'secret-of-clips' },
      ...{ maxBytes: 100_000_000, maxAgeMs: 30 * 86_400_000 },
    });
    expect(options.policy('http://192.168.1.7/a.mp3').ok).toBe(true);
    expect(options.policy('http://127.0.0.1/a.mp3').ok).toBe(false);
  });

  it('takes an empty list of hosts for none at all', async () => {
    const { options } = await openedWith('announcements: {allowed_hosts: []}');
    expect(options.isPolicyListed).toBe(true);
    expect(options.policy('http://192.168.1.7/a.mp3').ok).toBe(false);
  });
});

describe('the providers as the settings have them', () => {
  it('are all told what is theirs', async () => {
    expect(providersOf(await settings(ALL))).toEqual({
      order: ['http', 'openai', 'marytts', 'home_assistant', 'espeak'],
      espeak: { program: '/opt/espeak', wordsPerMinute: 200 },
      openai: { url: 'http://tts.lan/v1', key: 'canary-key', model: 'm', voice: 'v' },
      marytts: { url: 'http://mary.lan' },
      homeAssistant: { url: 'http://ha.lan', token: 'canary-token', engine: 'tts.x' },
      http: { url: 'http://say.lan/{text}', authorization: 'Bearer canary' },
    });
  });

  it('have no keys where there are none', async () => {
    expect(providersOf(await settings(''))).toMatchObject({
      order: ['espeak'],
      openai: { key: null },
      homeAssistant: { token: null },
      http: { url: null, authorization: null },
    });
  });
});

describe('the rules of announcements as the settings have them', () => {
  it('are in milliseconds, with all quiet hours', async () => {
    expect(announcementSettings(await settings(ALL))).toEqual({
      ...{ volume: 30, maxVolume: 60, maxQueue: 7, expireMs: 90_000, notWhileTv: true, repeatMs: 2_500 },
      volumes: new Map([
        ['bedroom', 15],
        ['kitchen', 40],
      ]),
      quietHours: [
        {
          ...{ from: '22:00', to: '06:30', timezone: 'Europe/Berlin', rooms: ['bedroom'] },
          minPriority: 'high',
        },
        { from: '13:00', to: '14:00', timezone: null, rooms: null, minPriority: 'normal' },
      ],
      devices: 'all',
    });
  });

  it('are few when nothing is set', async () => {
    expect(announcementSettings(await settings(''))).toEqual({
      ...{ volume: null, volumes: new Map(), maxVolume: 100, maxQueue: 20, expireMs: 300_000 },
      ...{ quietHours: [], notWhileTv: false, repeatMs: 0, devices: 'primary' },
    });
  });
});

describe('the URLs of sounds', () => {
  it('are those of the hosts that are listed, and of our own clips always', async () => {
    const hosts = 'announcements: { allowed_hosts: [nas.example] }';
    const alone = soundPolicy(await settings(hosts));
    expect(alone('http://nas.example/a.mp3').ok).toBe(true);
    expect(alone('http://192.168.1.10:8789/x/y.wav').ok).toBe(false);
    const own = soundPolicy(await settings(`${hosts}\nspeech: { clip_url: 'http://192.168.1.10:8789' }`));
    expect(own('http://192.168.1.10:8789/x/y.wav').ok).toBe(true);
    expect(own('http://192.168.1.10/x/y.wav').ok).toBe(false);
    expect(own('http://nas.example/a.mp3').ok).toBe(true);
    for (const url of ['https://clips.example', 'http://clips.example']) {
      const plain = soundPolicy(await settings(`${hosts}\nspeech: { clip_url: '${url}' }`));
      expect(plain(`${url}/x/y.wav`).ok).toBe(true);
      expect(plain('http://clips.example:8080/x/y.wav').ok).toBe(false);
    }
  });
});

it('a chime that is called none is none', async () => {
  expect((await openedWith('announcements: { before: none }')).options.defaults.before).toBeNull();
});
