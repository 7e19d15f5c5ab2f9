import { readJson } from '../bridge/read-json.ts';
import { type Change, type Line, value } from './live-lines.ts';
import {
  bridgeStateSchema,
  groupsSchema,
  householdSchema,
  listSchema,
  logLineSchema,
} from './live-topics.ts';
import { printable } from './text.ts';

type Summary = (payload: string) => string | null;

const summaries: Readonly<Record<string, Summary>> = {
  groups: (payload) => {
    const groups = readJson(groupsSchema, payload)?.groups.map(({ members }) => members.join(' + '));
    const joined = groups?.filter((name) => name.includes(' + '));
    return joined === undefined ? null : joined.join(', ') || 'every room on its own';
  },
  favorites: (payload) => countOf(payload, 'favorite'),
  playlists: (payload) => countOf(payload, 'playlist'),
  state: (payload) => {
    const state = readJson(bridgeStateSchema, payload);
    if (state === null) return null;
    const { account, subscriptions } = state;
    return `account ${account.status}, ${subscriptions.held} of ${subscriptions.wanted} subscriptions`;
  },
};

function countOf(payload: string, what: string): string | null {
  const items = readJson(listSchema, payload)?.items;
  return items === undefined ? null : `${items.length} ${what}${items.length === 1 ? '' : 's'}`;
}

function summaryOf(topic: string, payload: string): string {
  const [household = '', part = ''] = topic.split('/');
  const isOwn =
    household === 'bridge' ? part === 'state' : part !== 'state' && Object.hasOwn(summaries, part);
  const summary = isOwn ? summaries[part]?.(payload) : null;
  const rooms = part === '' ? readJson(householdSchema, payload)?.rooms : undefined;
  return summary ?? (rooms === undefined ? value(payload) : `rooms ${rooms.join(', ')}`);
}

/** A topic of the household or of the bridge itself, in a few words; null when those are what they were. */
export function otherLine({ topic, before, now }: Change): Line | null {
  const line = topic === 'bridge/log' ? readJson(logLineSchema, now) : null;
  if (line !== null) {
    const pieces = [{ label: `${printable(line.level)}:`, value: printable(line.message) }];
    return { mark: 'event', topic, isWhole: true, pieces };
  }
  const said = summaryOf(topic, now);
  if (before !== undefined && summaryOf(topic, before) === said) return null;
  return { mark: 'state', topic, pieces: [{ value: said }] };
}
