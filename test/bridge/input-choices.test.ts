import { describe, expect, it } from 'vitest';
import { groupChoices } from '../../src/bridge/group-choices.ts';
import { inputChoices } from '../../src/bridge/input-choices.ts';
import { roomPicture } from '../../src/bridge/room-picture.ts';
import type { Household, RoomPicture } from '../../src/bridge/state.ts';
import { house, NOON, regrouped, room } from '../support/house.ts';

const LINE_IN = ['PLAYBACK', 'LINE_IN'];
const port = { name: 'Port', capabilities: LINE_IN };
const amp = { name: 'Amp', capabilities: LINE_IN };

function picture(home: Household, address: string): RoomPicture {
  const shown = roomPicture(home, room(home, address));
  if (shown === null) throw new Error(`Nothing is known of ${address}.`);
  return shown;
}

describe('the inputs that a room can switch to', () => {
  it('are its own, and the line-in of other rooms, of which one at most can be shown as chosen', () => {
    const home = house(['Den'], [port], [amp]);
    expect(inputChoices(home, picture(home, 'den'))).toEqual([
      { label: 'Line-in: Amp', when: 'line_in', send: { line_in: 'amp' } },
      { label: 'Line-in: Port', when: null, send: { line_in: 'port' } },
    ]);
    expect(inputChoices(home, picture(home, 'amp'))).toEqual([
      { label: 'Line-in', when: 'line_in', send: { line_in: null } },
      { label: 'Line-in: Port', when: null, send: { line_in: 'port' } },
    ]);
  });

  it('are also those of a room that is asleep, as it was when it left', () => {
    const home = house(['Den'], [port]);
    const asleep = regrouped(home, [['Den']]);
    expect(inputChoices(asleep, picture(asleep, 'den'))).toEqual(inputChoices(home, picture(home, 'den')));
  });

  it('are not those of a room of which nobody knows what it had', () => {
    const home = regrouped(house(['Den'], [port]), [['Den']]);
    const unseen = { ...room(home, 'port'), goneSince: NOON, lastPicture: null };
    const rooms = new Map([...home.rooms, [unseen.playerId, unseen]]);
    expect(inputChoices({ ...home, rooms }, picture(home, 'den'))).toEqual([]);
  });
});

describe('with whom a room can play', () => {
  it('is every other room, and the room itself for alone', () => {
    const home = house(['Den'], ['Bath']);
    expect(groupChoices(home, picture(home, 'den'))).toEqual([
      { label: 'Bath', when: 'bath', send: { join: 'bath' } },
      { label: 'Den', when: 'den', send: { leave: null } },
    ]);
  });

  it('are rooms by their addresses where they are called the same, or nothing', () => {
    const named = (name: string, digits: string) => ({ name, id: `RINCON_A0B0C0${digits}01400` });
    const home = house([named('Den', '000001')], [named(' Den', '000002')], [named('  ', '000003')]);
    expect(groupChoices(home, picture(home, 'den')).map(({ label }) => label)).toEqual([
      '000003',
      'den',
      'den-2',
    ]);
  });
});
