import type { Json } from '../../bridge/sonos.ts';
import type { Config } from '../../config/schema.ts';
import type { Redaction } from './redaction.ts';

/** The sections of the settings that decide what the middle of the house makes of events and commands. */
const SECTIONS = [
  ...(['forget_days', 'reconcile_minutes', 'poll_seconds', 'commands', 'announcements'] as const),
  ...(['presets', 'schedules', 'volume'] as const),
];
/** What in them is about files of this machine. */
const LEFT_OUT = new Set(['chimes_dir', 'before']);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !LEFT_OUT.has(key))) : value;

/** The settings that a replay needs, redacted; they are read as a settings file is. Topics always stand under `sonos`. */
export function recordedSettings(config: Config, redaction: Redaction): { [key: string]: Json } {
  const all: Record<string, unknown> = { ...config };
  const sections = SECTIONS.flatMap((name) =>
    all[name] === undefined ? [] : [[name, redaction.value(without(all[name]), name)] as const],
  );
  const { households, requests_per_minute, requests_per_second } = config.sonos;
  return {
    ...Object.fromEntries(sections),
    sonos: redaction.value({ requests_per_minute, requests_per_second, households }),
  } as { [key: string]: Json };
}
