import { describe, expect, it } from 'vitest';
import { fixedGroup } from '../../../src/bridge/namespaces/fixed-volume.ts';
import type { Household } from '../../../src/bridge/state.ts';
import { sonosError } from '../../support/fake-sonos.ts';
import { command, house, idOf, picture, planOf, regrouped, seat, withEvent } from '../../support/house.ts';

const port = { name: 'Port', capabilities: ['PLAYBACK', 'FIXED_VOLUME'] };
const amp = { name: 'Amp', capabilities: ['PLAYBACK', 'FIXED_VOLUME'] };
const home = house([port, amp], ['Kitchen']);

const sets = (name: string, volumeMode: string, before: Household = home) =>
  withEvent(before, name, 'settings', 'playerSettings', { volumeMode, volumeScalingFactor: 1 });
const tells = (name: string, fixed: boolean, before: Household = home) =>
  withEvent(before, name, 'playerVolume', 'playerVolume', { volume: 100, muted: false, fixed });
const groupTells = (fixed: boolean, before: Household = home) =>
  withEvent(before, 'Port', 'groupVolume', 'groupVolume', { volume: 100, muted: false, fixed });

const ORDERS = [
  ['volume', '5'],
  ['volume', '+5'],
  ['mute', 'on'],
  ['mute', 'toggle'],
] as const;
const GROUP_ORDERS = [
  ['group_volume', '5'],
  ['group_volume', '-5'],
  ['group_mute', 'off'],
] as const;

const both = (fixed: boolean): Household => tells('Amp', fixed, tells('Port', fixed));

describe('a line-out at a fixed level', () => {
  it.each([
    ['its volume says so', tells('Port', true)],
    ['its settings say so, and its volume nothing', sets('Port', 'FIXED')],
    ['its volume says so, and its settings are from before', tells('Port', true, sets('Port', 'VARIABLE'))],
  ])('takes no volume when %s', (_what, fixed) => {
    for (const [name, payload] of ORDERS) {
      expect(planOf(fixed, 'Port', name, payload)).toEqual({
        ok: false,
        error: {
          code: 'not_capable',
          message: 'The volume of "port" is fixed.',
          advice: 'Set it at the amplifier, or make the line-out variable in the Sonos app.',
        },
      });
      expect(planOf(fixed, 'Kitchen', name, payload)).toMatchObject({ ok: true });
    }
  });

  it.each([
    ['nobody knows', home],
    [
      'its volume is not fixed any more, and its settings are from before',
      tells('Port', false, sets('Port', 'FIXED')),
    ],
    ['it is variable', sets('Port', 'VARIABLE')],
    ['it has a mode that nobody knew when this was written', sets('Port', 'SHOUTING')],
  ])('is none when %s', (_what, variable) => {
    for (const [name, payload] of ORDERS)
      expect(planOf(variable, 'Port', name, payload)).toMatchObject({ ok: true });
  });
});

describe('a line-out that passes its volume through', () => {
  it.each([
    ['tells nothing of it', sets('Port', 'PASS_THROUGH')],
    ['calls it variable', tells('Port', false, sets('Port', 'PASS_THROUGH'))],
    ['calls it fixed', tells('Port', true, sets('Port', 'PASS_THROUGH'))],
  ])('takes volumes, so that an amplifier can follow, when Sonos %s', (_what, passing) => {
    for (const [name, payload] of ORDERS)
      expect(planOf(passing, 'Port', name, payload)).toMatchObject({ ok: true });
    expect(picture(passing, 'Port')).toMatchObject({ volume_mode: 'pass_through', volume_limit: null });
  });

  it('shows the volumes that it is told', () => {
    const louder = withEvent(sets('Port', 'PASS_THROUGH'), 'Port', 'playerVolume', 'playerVolume', {
      volume: 37,
      muted: false,
      fixed: false,
    });
    expect(picture(louder, 'Port')).toMatchObject({ volume: 37, fixed: false });
  });
});

describe('a group', () => {
  it.each([
    ['all of its rooms are', both(true)],
    ['all of them are by their settings', sets('Amp', 'FIXED', sets('Port', 'FIXED'))],
    ['its own volume says so, and its rooms nothing', groupTells(true)],
    ['its own volume says so, and one room', groupTells(true, tells('Amp', true))],
  ])('takes no volume when it is fixed: %s', (_what, fixed) => {
    for (const [name, payload] of GROUP_ORDERS) {
      expect(planOf(fixed, 'Amp', name, payload)).toEqual({
        ok: false,
        error: {
          code: 'not_capable',
          message: 'The volume of every room in the group of "amp" is fixed.',
          advice: 'Set it at the amplifiers, or make a line-out variable in the Sonos app.',
        },
      });
      expect(planOf(fixed, 'Kitchen', name, payload)).toMatchObject({ ok: true });
    }
  });

  it.each([
    ['nobody knows', home],
    ['some of its rooms are', tells('Amp', false, tells('Port', true))],
    ['it is only known of some', tells('Port', true)],
    ['it was, before a room with a volume came', tells('Amp', false, groupTells(true, tells('Port', true)))],
    ['a room passes through', sets('Amp', 'PASS_THROUGH', groupTells(true, tells('Port', true)))],
    ['it says that it is not', groupTells(false)],
  ])('takes volumes when it is not, or not surely: %s', (_what, variable) => {
    for (const [name, payload] of GROUP_ORDERS)
      expect(planOf(variable, 'Port', name, payload)).toMatchObject({ ok: true });
  });

  it('says in the state of its rooms whether it is fixed', () => {
    expect(picture(home, 'Amp')?.group).toMatchObject({ fixed: null });
    expect(picture(groupTells(true), 'Amp')?.group).toMatchObject({ fixed: true });
    expect(picture(groupTells(false), 'Port')?.group).toMatchObject({ fixed: false });
  });

  it('that is none, or has no rooms, is not fixed', () => {
    const { group, ...rest } = seat(both(true), 'Port');
    expect(fixedGroup({ ...rest, group: null })).toBeNull();
    expect(fixedGroup({ ...rest, group: group && { ...group, playerIds: [] } })).toBeNull();
  });
});

describe('a refused volume', () => {
  const error = sonosError({ errorCode: 'ERROR_COMMAND_FAILED', reason: 'No.' });
  const meaning = (name: string, room: string, household = home, refusal = error) =>
    command(name).refused(refusal, seat(household, room));

  it.each(['volume', 'mute'])('says that the line-out is fixed, and what Sonos said: %s', (name) => {
    expect(meaning(name, 'Port')).toEqual({
      code: 'not_capable',
      message: 'The volume of "port" is fixed.',
      advice: expect.stringContaining('amplifier'),
      sonos: { status: 499, error_code: 'ERROR_COMMAND_FAILED', reason: 'No.' },
    });
    // It may have become fixed a moment ago.
    expect(meaning(name, 'Port', tells('Port', false))?.code).toBe('not_capable');
    // An older player may not say that it can be fixed.
    expect(meaning(name, 'Kitchen')?.code).toBe('not_capable');
  });

  it('means nothing of the kind where a volume cannot be fixed, or when Sonos says something else', () => {
    expect(meaning('volume', 'Kitchen', tells('Kitchen', false))).toBeNull();
    expect(meaning('volume', 'Port', home, sonosError({ errorCode: 'ERROR_QUEUE_FULL' }))).toBeNull();
    expect(command('play').refused(error, seat(home, 'Port'))).toBeNull();
  });

  it('of a group says that all of its rooms are fixed, if they can be', () => {
    expect(meaning('group_volume', 'Amp')).toMatchObject({
      code: 'not_capable',
      message: expect.stringContaining(`group of "amp"`),
    });
    expect(meaning('group_mute', 'Amp', both(false))).toMatchObject({ code: 'not_capable' });
    const mixed = regrouped(tells('Kitchen', false, home), [[port, amp, 'Kitchen']], { generation: 2 });
    expect(meaning('group_volume', 'Amp', mixed)).toBeNull();
    const { group: _, ...rest } = seat(home, 'Amp');
    expect(command('group_volume').refused(error, { ...rest, group: null })).toBeNull();
  });

  it('of a group counts a member that is not listed as one that may be fixed', () => {
    const { group, ...rest } = seat(home, 'Amp');
    const ghost = group && { ...group, playerIds: [idOf('Ghost')] };
    expect(command('group_volume').refused(error, { ...rest, group: ghost })?.code).toBe('not_capable');
  });
});
