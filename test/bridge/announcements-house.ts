import type { Announcement } from '../../src/bridge/announcement.ts';
import { APP_ID } from '../../src/bridge/clip.ts';
import { ok } from '../../src/bridge/result.ts';
import type { Json, SonosCall } from '../../src/bridge/sonos.ts';
import { playerOf, type TestBridge, type TestOptions } from '../support/bridge-house.ts';
import { openHouse } from './commands-house.ts';

/** A house in which every player takes clips: the id of a clip is `<room>-<number>`. */
export interface SpokenHouse {
  readonly house: TestBridge;
  /** The clips that were sent to a room, oldest first. */
  sent(room: string): { readonly id: string; readonly at: number; readonly body: SonosCall['body'] }[];
  /** The clips that Sonos was asked to end. */
  ended(): string[];
  /** A player tells of the last clip that it took, or of a given one. */
  tell(room: string, status: string, more?: { readonly id?: string; readonly errorCode?: string }): void;
  /** A player tells of a clip of somebody else. */
  ring(room: string, status: string): void;
  /** The stages of an announcement in a room, as its events told them. */
  stages(room: string, id: string): string[];
  /** The whole event of a stage. */
  event(room: string, id: string, status: string): { readonly [key: string]: Json };
  /** The statuses of an announcement's replies in a room. */
  replies(room: string, id: string): string[];
  /** The error with which it failed in a room. */
  error(
    room: string,
    id: string,
  ): { readonly code: string; readonly message: string; readonly advice?: string };
  announcing(room: string): Json;
}

/** Opens it. */
export async function openSpokenHouse(options: TestOptions = {}): Promise<SpokenHouse> {
  const house = await openHouse(options);
  const numbers = new Map<string, number>();
  const ids = new Map<unknown, string>();
  const path = (room: string): string => `/players/${playerOf(room)}/audioClip`;
  house.sonos.on(/^POST .*\/audioClip$/, (call) => {
    const room = [...house.world.speakers.keys()].find((name) => call.path === path(name)) ?? 'device';
    const number = (numbers.get(room) ?? 0) + 1;
    numbers.set(room, number);
    ids.set(call.body, `${room}-${number}`);
    return ok({ id: `${room}-${number}`, status: 'INACTIVE' });
  });
  const happened = (room: string, id: string) =>
    house.happenings
      .filter((each) => each.room === room && each.happening.event_type === 'announcement')
      .map(({ happening }) => happening)
      .filter((happening) => happening.id === id);
  const answers = (room: string, id: string) =>
    house.answers.filter(({ reply }) => reply.room === room && reply.id === id).map(({ reply }) => reply);
  return {
    house,
    sent: (room) =>
      house.sonos.calls
        .filter((call) => call.method === 'POST' && call.path === path(room))
        .map(({ body, at }) => ({ id: ids.get(body) ?? '', at, body })),
    ended: () =>
      house.sonos.calls
        .filter(({ method }) => method === 'DELETE')
        .map((call) => call.path.split('/').at(-1) ?? ''),
    tell(room, status, more = {}) {
      const id = more.id ?? `${room}-${numbers.get(room) ?? 0}`;
      const clip = { id, status, appId: APP_ID, name: 'Announcement', errorCode: more.errorCode ?? null };
      house.tell('audioClip', playerOf(room), { type: 'audioClipStatus', body: { audioClips: [clip] } });
    },
    ring(room, status) {
      const clip = { id: 'ring', status, appId: 'com.ring', name: 'Doorbell' };
      house.tell('audioClip', playerOf(room), { type: 'audioClipStatus', body: { audioClips: [clip] } });
    },
    stages: (room, id) => happened(room, id).map(({ status }) => String(status)),
    event(room, id, status) {
      const found = happened(room, id).find((happening) => happening.status === status);
      if (found === undefined) throw new Error(`"${id}" never was ${status} in ${room}`);
      return found;
    },
    replies: (room, id) => answers(room, id).map(({ status }) => status),
    error(room, id) {
      const error = answers(room, id).at(-1)?.error;
      if (error === undefined) throw new Error(`"${id}" did not fail in ${room}`);
      return error;
    },
    announcing: (room) => house.picture(room).announcing ?? null,
  };
}

/** What was announced, of everything that a sound was made for. */
export const texts = (house: TestBridge): (string | null)[] =>
  house.sounds.made.map(({ announcement }: { readonly announcement: Announcement }) => announcement.text);
