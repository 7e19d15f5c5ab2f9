import { join } from 'node:path';
import type { AnnouncementSettings } from '../bridge/announcement-policy.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import type { Result } from '../bridge/result.ts';
import { type UrlPolicy, urlPolicy } from '../bridge/url-policy.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { ProvidersOptions } from '../speech/providers.ts';
import type { Speech, SpeechOptions } from '../speech/speech.ts';
import type { Doors } from './doors.ts';

interface Options {
  readonly config: Config;
  /** Without it, nobody can tell the name of a clip. */
  readonly clipSecret: string;
  readonly log: LogOutput;
  readonly clock: Clock;
  readonly random: Random;
  readonly doors: Pick<Doors, 'openSpeech'>;
  /** What else the clip server answers. */
  readonly beside?: Pick<SpeechOptions['clips'], 'further'>;
}

const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;

/** The providers as the settings describe them. */
export function providersOf({ speech }: Config): ProvidersOptions {
  const { espeak, openai, marytts, home_assistant, http } = speech;
  return {
    order: speech.providers,
    espeak: { program: espeak.program, wordsPerMinute: espeak.words_per_minute },
    openai: { ...openai, key: openai.key ?? null },
    marytts,
    homeAssistant: { ...home_assistant, token: home_assistant.token ?? null },
    http: { url: http.url ?? null, authorization: http.authorization ?? null },
  };
}

/** Which URLs of sounds are let through: those of `announcements.allowed_hosts`, and of our own clips always. */
export function soundPolicy({ announcements, speech }: Config): UrlPolicy {
  const others = urlPolicy(announcements.allowed_hosts ?? null);
  if (speech.clip_url === undefined) return others;
  const { hostname, protocol, port } = new URL(speech.clip_url);
  const own = urlPolicy([`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`]);
  return (url) => {
    const ours = own(url);
    return ours.ok ? ours : others(url);
  };
}

/** The settings of announcements, as the bridge's middle knows them. */
export function announcementSettings({ announcements }: Config): AnnouncementSettings {
  return {
    volume: announcements.volume ?? null,
    volumes: new Map(Object.entries(announcements.volumes)),
    maxVolume: announcements.max_volume,
    maxQueue: announcements.max_queue,
    expireMs: announcements.expire_seconds * 1000,
    quietHours: announcements.quiet_hours.map(({ from, to, timezone, rooms, min_priority }) => ({
      ...{ from, to, timezone: timezone ?? null, rooms: rooms ?? null, minPriority: min_priority },
    })),
    notWhileTv: announcements.not_while_tv,
    repeatMs: announcements.repeat_seconds * 1000,
    devices: announcements.devices,
  };
}

/** Opens speech by the settings; what hinders, in words. */
export function openSpeechSide({
  config,
  clipSecret,
  log,
  clock,
  random,
  doors,
  beside,
}: Options): Promise<Result<Speech, string>> {
  const { speech, announcements } = config;
  return doors.openSpeech({
    defaults: {
      language: speech.language,
      voice: speech.voice ?? null,
      speed: speech.speed,
      maxCharacters: speech.max_characters,
      before:
        announcements.before === undefined || announcements.before === 'none' ? null : announcements.before,
    },
    providers: providersOf(config),
    timeoutMs: speech.timeout_seconds * 1000,
    chimesFolder: announcements.chimes_dir ?? null,
    clips: {
      url: speech.clip_url ?? null,
      host: speech.clip_host,
      port: speech.clip_port,
      folder: join(config.data_dir, 'clips'),
      secret: clipSecret,
      maxBytes: speech.cache_megabytes * MEGABYTE,
      maxAgeMs: speech.cache_days * DAY_MS,
      ...beside,
    },
    policy: soundPolicy(config),
    isPolicyListed: announcements.allowed_hosts !== undefined,
    ...{ clock, random, log: log.child('speech') },
  });
}
