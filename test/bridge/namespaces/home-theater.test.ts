import { describe, expect, it } from 'vitest';
import { homeTheater } from '../../../src/bridge/namespaces/home-theater.ts';
import { attributeText } from '../../../src/bridge/room-picture.ts';
import { readable, untoldKeys, wanted } from '../../../src/bridge/wanted.ts';
import {
  command,
  evidenceOf,
  house,
  idOf,
  picture,
  planOf,
  readBy,
  recorded,
  regrouped,
  withEvent,
} from '../../support/house.ts';

const arc = { name: 'Living Room', capabilities: ['PLAYBACK', 'AUDIO_CLIP', 'HT_PLAYBACK'] };
const home = house(['Kitchen'], [arc]);
const path = `/players/${idOf(arc)}/homeTheater`;
const tells = (body: object, before = home) =>
  withEvent(before, 'Living Room', 'homeTheater', 'homeTheaterOptions', body);
const theaterOf = (body: object, before = home) => picture(tells(body, before), 'Living Room')?.home_theater;

describe('the home theatre', () => {
  it('is none where a room has no TV, and unknown until it was read', () => {
    expect(picture(home, 'Kitchen')?.home_theater).toBeNull();
    expect(picture(home, 'Living Room')?.home_theater).toEqual({ night_mode: null, dialog: null });
  });

  it.each([
    [recorded('doc.response.homeTheaterOptions.json'), { night_mode: true, dialog: true }],
    [
      { nightMode: false, enhanceDialog: true, dialogLevel: 2 },
      { night_mode: false, dialog: true },
    ],
    [{ nightMode: true }, { night_mode: true, dialog: null }],
    [
      { nightMode: 'yes', enhanceDialog: 1 },
      { night_mode: null, dialog: null },
    ],
    [{}, { night_mode: null, dialog: null }],
  ])('that says %j is %j', (body, theater) => {
    expect(theaterOf(Object(body))).toEqual(theater);
  });

  it('stays as it was where an answer leaves something out', () => {
    const before = tells({ nightMode: true, enhanceDialog: false });
    expect(theaterOf({}, before)).toEqual({ night_mode: true, dialog: false });
    expect(tells({ nightMode: true }, before)).toBe(before);
  });

  it('has a topic for each option, which is empty where there is none', () => {
    const told = tells({ nightMode: true, enhanceDialog: false });
    const texts = (name: string) =>
      ['night_mode', 'dialog'].map((each) => attributeText(picture(told, name) ?? {}, each));
    expect(texts('Living Room')).toEqual(['true', 'false']);
    expect(texts('Kitchen')).toEqual(['', '']);
  });

  it('is read where there is one, and never subscribed', () => {
    const paths = (list: readonly { readonly path: string }[]) =>
      list.map((each) => each.path).filter((each) => each.includes('homeTheater'));
    expect(paths(readable(home))).toEqual([`${path}/options`]);
    expect(paths(wanted(home).snapshots)).toEqual([`${path}/options`]);
    expect(paths(wanted(home).subscriptions)).toEqual([]);
    expect(paths(wanted(tells({})).snapshots)).toEqual([]);
    expect(homeTheater.reads(null)).toBe(false);
  });

  it('is what nobody tells of, unlike what it plays', () => {
    const keys = (namespaces: readonly string[]) => untoldKeys(home, idOf(arc), namespaces);
    expect(keys(['homeTheater', 'playbackMetadata'])).toEqual([`homeTheater ${idOf(arc)}`]);
    expect(keys(command('tv').reads)).toEqual([]);
  });

  it('is forgotten with the room, and unknown when it comes back', () => {
    const left = regrouped(tells({ nightMode: true, enhanceDialog: true }), [['Kitchen']]);
    expect(picture(left, 'Living Room')?.home_theater).toEqual({ night_mode: true, dialog: true });
    const back = regrouped(left, [['Kitchen'], [arc]]);
    expect(picture(back, 'Living Room')?.home_theater).toEqual({ night_mode: null, dialog: null });
  });
});

describe('a command to a home theatre', () => {
  it.each([
    ['night_mode', 'on', '/options', { nightMode: true }],
    ['night_mode', 'false', '/options', { nightMode: false }],
    ['dialog', '1', '/options', { enhanceDialog: true }],
    ['dialog', '{"value": false}', '/options', { enhanceDialog: false }],
    ['tv', 'PRESS', '', undefined],
    ['tv', '', '', undefined],
  ])('%s %s is one call to its player', (name, payload, tail, body) => {
    expect(planOf(home, 'Living Room', name, payload)).toEqual({
      ok: true,
      value: { method: 'POST', path: `${path}${tail}`, ...(body === undefined ? {} : { body }) },
    });
  });

  it.each([
    ['night_mode', 'on', '"kitchen" cannot play TV, so it has no night mode.'],
    ['dialog', 'on', '"kitchen" cannot play TV, so it has no dialog option.'],
    ['tv', '', '"kitchen" cannot play TV.'],
  ])(
    '%s cannot go to a room without one, and the error names those that have one',
    (name, payload, message) => {
      expect(planOf(home, 'Kitchen', name, payload)).toEqual({
        ok: false,
        error: { code: 'not_capable', message, advice: 'These can: living-room.' },
      });
      expect(planOf(house(['Kitchen']), 'Kitchen', name, payload)).toMatchObject({
        error: { code: 'not_capable', advice: 'No room of the household can.' },
      });
    },
  );

  it.each(['night_mode', 'dialog'])('%s is true or false, and no toggle', (name) => {
    for (const payload of ['toggle', '', 'perhaps', '2', '{}'])
      expect(readBy(name, payload)).toMatchObject({ ok: false });
  });

  it('may be sent twice, since that is the same as once', () => {
    for (const name of ['night_mode', 'dialog', 'tv']) expect(command(name).repeatable(true)).toBe(true);
  });
});

describe('the evidence for', () => {
  it.each([
    ['night_mode', 'on', { nightMode: true }, {}, 'seen'],
    ['night_mode', 'on', { nightMode: false, enhanceDialog: true }, {}, 'not_yet'],
    ['night_mode', 'on', {}, {}, 'not_yet'],
    ['night_mode', 'off', { nightMode: false }, {}, 'seen'],
    ['night_mode', 'off', {}, {}, 'not_yet'],
    ['dialog', 'on', { enhanceDialog: true }, {}, 'seen'],
    ['dialog', 'off', { nightMode: false }, {}, 'not_yet'],
    // What Sonos answers with is what the options are now.
    ['night_mode', 'on', { nightMode: false }, { nightMode: true, enhanceDialog: false }, 'seen'],
    ['dialog', 'off', { enhanceDialog: true }, { nightMode: true, enhanceDialog: false }, 'seen'],
    ['dialog', 'off', { enhanceDialog: true }, { enhanceDialog: true }, 'not_yet'],
    ['dialog', 'off', { enhanceDialog: true }, null, 'not_yet'],
    ['dialog', 'off', { enhanceDialog: true }, 'no', 'not_yet'],
  ])('%s %s in %j, answered %j, is %s', (name, payload, options, answer, evidence) => {
    expect(evidenceOf(home, tells(options), 'Living Room', name, payload, answer)).toBe(evidence);
  });

  it('tv is the source of the group', () => {
    const metadata = (file: string) =>
      withEvent(home, 'Living Room', 'playbackMetadata', 'metadataStatus', recorded(file));
    const tv = metadata('event.metadataStatus.tv-hdmi-dolby51.json');
    const other = metadata('doc.event.metadataStatus.line-in.json');
    expect(evidenceOf(other, tv, 'Living Room', 'tv')).toBe('seen');
    expect(evidenceOf(tv, other, 'Living Room', 'tv')).toBe('not_yet');
    expect(evidenceOf(home, home, 'Living Room', 'tv')).toBe('not_yet');
  });
});

describe('tv_power', () => {
  const beam = { name: 'Beam', capabilities: ['PLAYBACK', 'HT_PLAYBACK', 'HT_POWER_STATE'] };
  const cinema = house(['Kitchen'], [arc], [beam]);

  it.each([
    ['on', 'ON'],
    ['true', 'ON'],
    ['{"value": false}', 'STANDBY'],
    ['0', 'STANDBY'],
  ])('%s is one call to the player: %s', (payload, tvPowerState) => {
    expect(planOf(cinema, 'Beam', 'tv_power', payload)).toEqual({
      ok: true,
      value: {
        method: 'POST',
        path: `/players/${idOf(beam)}/homeTheater/tvPowerState`,
        body: { tvPowerState },
      },
    });
  });

  it.each(['Kitchen', 'Living Room'])('cannot go to a room that switches no TV: %s', (name) => {
    expect(planOf(cinema, name, 'tv_power', 'on')).toMatchObject({
      ok: false,
      error: {
        code: 'not_capable',
        message: expect.stringContaining('cannot switch a TV.'),
        advice: 'These can: beam.',
      },
    });
  });

  it('is on or off, and no toggle, since nobody knows what it is', () => {
    for (const payload of ['toggle', '', 'ON AIR'])
      expect(readBy('tv_power', payload)).toMatchObject({ ok: false });
  });

  it('is confirmed when Sonos took it, and only then, since nothing shows it', () => {
    expect(evidenceOf(cinema, cinema, 'Beam', 'tv_power', 'on', {})).toBe('seen');
    expect(evidenceOf(cinema, cinema, 'Beam', 'tv_power', 'on', null)).toBe('not_yet');
    expect(untoldKeys(cinema, idOf(beam), command('tv_power').reads)).toEqual([]);
  });
});
