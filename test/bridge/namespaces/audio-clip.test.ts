import { describe, expect, it } from 'vitest';
import { APP_ID } from '../../../src/bridge/clip.ts';
import { namespaceOf } from '../../../src/bridge/namespaces/index.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { command, evidenceOf, house, idOf, planOf, seat, told } from '../../support/house.ts';

const home = house(['Kitchen'], [{ name: 'Port', capabilities: ['PLAYBACK'] }]);
const URL = 'http://nas/a.mp3';
const clip = (status: string | null, rest: object = {}) => ({
  id: 'c',
  name: 'Ding',
  appId: 'com.ring',
  status,
  ...rest,
});
const hear = (before: Household, ...audioClips: readonly object[]) =>
  told(before, 'Kitchen', 'audioClip', 'audioClipStatus', { audioClips });

describe('a clip', () => {
  it('is one call to one player', () => {
    expect(planOf(home, 'Kitchen', 'clip', URL)).toMatchObject({
      ok: true,
      value: {
        method: 'POST',
        path: `/players/${idOf('Kitchen')}/audioClip`,
        body: { streamUrl: URL, appId: APP_ID },
      },
    });
  });

  it('is refused by a room that cannot play it, and that is not subscribed to', () => {
    expect(planOf(home, 'Port', 'clip', URL)).toMatchObject({
      ok: false,
      error: { code: 'not_capable', message: '"port" cannot play audio clips.' },
    });
    const players = [seat(home, 'Kitchen').player, seat(home, 'Port').player, null];
    expect(players.map((player) => namespaceOf('audioClip')?.subscribes(player))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is never sent twice, and its URL is shown to the policy', () => {
    const { repeatable, urls, priority } = command('clip');
    expect([repeatable({}), priority]).toEqual([false, 'announcement']);
    expect(urls({ url: URL, body: {} })).toEqual([URL]);
    expect(urls({ url: null, body: {} })).toEqual([]);
  });

  it.each([
    ['ACTIVE', 'seen'],
    ['DONE', 'seen'],
    ['INTERRUPTED', 'seen'],
    ['DISMISSED', 'seen'],
    ['INACTIVE', 'not_yet'],
    ['PENDING', 'not_yet'],
    [null, 'not_yet'],
  ])('with the status %s is %s', (status, evidence) => {
    const now = hear(home, clip('DONE', { id: 'other' }), clip(status)).household;
    expect(evidenceOf(home, now, 'Kitchen', 'clip', URL, { id: 'c' })).toBe(evidence);
  });

  it('is not there before its player told of it, or when Sonos gave no id', () => {
    expect(evidenceOf(home, home, 'Kitchen', 'clip', URL, { id: 'c' })).toBe('not_yet');
    const now = hear(home, clip('ACTIVE')).household;
    expect(evidenceOf(home, now, 'Kitchen', 'clip', URL, {})).toBe('not_yet');
  });

  it.each([
    [{ errorCode: 'ERROR_AUDIO_CLIP_MEDIA_ERROR' }, 'ERROR_AUDIO_CLIP_MEDIA_ERROR'],
    [{}, 'ERROR'],
  ])('fails when its player says so: %j', (rest, said) => {
    const now = hear(home, clip('ERROR', rest)).household;
    expect(evidenceOf(home, now, 'Kitchen', 'clip', URL, { id: 'c' })).toMatchObject({
      code: 'sonos_error',
      message: `The player could not play the clip: ${said}.`,
    });
  });
});

describe('clips of other apps', () => {
  const statuses = (before: Household, ...clips: readonly object[]) =>
    hear(before, ...clips).happenings.map(({ happening }) => happening.status);

  it('happen when they are new and when their status changes, and not once more', () => {
    expect(statuses(home, clip('ACTIVE'))).toEqual(['active']);
    const active = hear(home, clip('ACTIVE')).household;
    expect(statuses(active, clip('ACTIVE'))).toEqual([]);
    expect(statuses(active, clip('DONE'), clip('INACTIVE', { id: 'd' }))).toEqual(['done', 'inactive']);
  });

  it('may say little', () => {
    expect(hear(home, { id: 'x' }, { name: 'no id' }).happenings).toEqual([
      {
        playerId: idOf('Kitchen'),
        happening: { event_type: 'clip', id: 'x', name: null, app_id: null, status: null, error_code: null },
      },
    ]);
  });

  it('are not ours', () => {
    expect(statuses(home, clip('ACTIVE', { appId: APP_ID }))).toEqual([]);
  });
});
