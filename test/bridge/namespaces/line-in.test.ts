import { describe, expect, it } from 'vitest';
import {
  command,
  evidenceOf,
  groupIdOf,
  house,
  idOf,
  planOf,
  readBy,
  recorded,
  regrouped,
  seat,
  withEvent,
} from '../../support/house.ts';

const five = { name: 'Office', capabilities: ['PLAYBACK', 'LINE_IN'] };
const amp = { name: 'Amp', capabilities: ['PLAYBACK', 'LINE_IN'] };
const home = house(['Kitchen', five], [amp], ['Den']);
const path = (coordinator: string): string =>
  `/groups/${encodeURIComponent(groupIdOf([coordinator]))}/playback/lineIn`;
const plays = (device: string, coordinator: string) => ({
  ok: true,
  value: {
    method: 'POST',
    path: path(coordinator),
    body: { deviceId: idOf(device), playOnCompletion: true },
  },
});

describe('line-in', () => {
  it.each(['', '  ', '""', 'null', '{"value": null}', '{"value": ""}', '{"id": "a"}'])(
    "is the room's own when the payload is %o",
    (payload) => {
      expect(planOf(home, 'Amp', 'line_in', payload)).toEqual(plays('Amp', 'Amp'));
      // It is this room's socket, not that of the group's coordinator.
      expect(planOf(home, 'Office', 'line_in', payload)).toEqual(plays('Office', 'Kitchen'));
    },
  );

  it.each(['office', '"office"', '{"value": "Office"}', '["office"]'])(
    'of another room plays on the group of this one: %s',
    (payload) => {
      expect(planOf(home, 'Den', 'line_in', payload)).toEqual(plays('Office', 'Den'));
      expect(planOf(home, 'Kitchen', 'line_in', payload)).toEqual(plays('Office', 'Kitchen'));
    },
  );

  it('cannot come from a room that has none, and the error names those that have', () => {
    for (const [room, payload, name] of [
      ['Den', '', 'den'],
      ['Kitchen', '', 'kitchen'],
      ['Amp', 'kitchen', 'kitchen'],
    ] as const) {
      expect(planOf(home, room, 'line_in', payload)).toEqual({
        ok: false,
        error: {
          code: 'not_capable',
          message: `"${name}" cannot offer a line-in.`,
          advice: 'These can: amp, office.',
        },
      });
    }
    expect(planOf(house(['Den']), 'Den', 'line_in')).toMatchObject({
      error: { code: 'not_capable', advice: 'No room of the household can.' },
    });
  });

  it('cannot come from a room that there is not, that is away, or go to a room without a group', () => {
    expect(planOf(home, 'Den', 'line_in', 'offis')).toMatchObject({
      error: { code: 'unknown_room', advice: expect.stringContaining('office') },
    });
    const left = regrouped(home, [['Kitchen', five], ['Den']]);
    expect(planOf(left, 'Den', 'line_in', 'amp')).toMatchObject({
      error: { code: 'not_capable', message: expect.stringContaining('offline') },
    });
    const groupless = { ...seat(home, 'Amp'), group: null };
    expect(command('line_in').plan(null, groupless)).toMatchObject({ error: { code: 'not_capable' } });
  });

  it.each(['5', '{"value": 5}', '["a", "b"]', '{"value": {}}'])('is not what %s names', (payload) => {
    // A bare 5 may be the name of a room.
    const read = readBy('line_in', payload);
    if (payload === '5') expect(read).toEqual({ ok: true, value: '5' });
    else expect(read).toMatchObject({ ok: false, error: { advice: expect.stringContaining('kitchen') } });
  });

  it('is there when its source is, and not before', () => {
    const metadata = (body: unknown) => withEvent(home, 'Den', 'playbackMetadata', 'metadataStatus', body);
    const turntable = metadata(recorded('doc.event.metadataStatus.line-in.json'));
    const tv = metadata(recorded('event.metadataStatus.tv-hdmi-dolby51.json'));
    expect(evidenceOf(home, turntable, 'Den', 'line_in', 'office')).toBe('seen');
    expect(evidenceOf(turntable, turntable, 'Den', 'line_in', 'office')).toBe('seen');
    expect(evidenceOf(home, tv, 'Den', 'line_in', 'office')).toBe('not_yet');
    expect(evidenceOf(home, home, 'Den', 'line_in', 'office')).toBe('not_yet');
  });
});
