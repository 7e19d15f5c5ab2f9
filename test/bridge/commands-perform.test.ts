import { describe, expect, it } from 'vitest';
import { ok } from '../../src/bridge/result.ts';
import { bytes, createTestBridge, type TestBridge } from '../support/bridge-house.ts';
import { openHouse } from './commands-house.ts';
import { preset } from './presets/model.ts';

const calm = preset({ rooms: { kitchen: { volume: 5 }, office: { volume: 6 } } });
const jazz = preset({ group: ['office'], favorite: 'Jazz' });

const send = (house: TestBridge, name: string): void =>
  house.bridge.takeForBridge({
    ...{ command: 'preset', payload: bytes({ value: name, id: 'a' }), retained: false },
    ...{ responseTo: null, expirySeconds: null },
  });

const open = (): Promise<TestBridge> =>
  openHouse({ settings: { presets: new Map(Object.entries({ calm, jazz })) } });

describe('commands that the house gives itself', () => {
  it('are carried out with their evidence, and answered to nobody but the one who asked for all of it', async () => {
    const house = await open();
    house.sonos.on(/^POST .*playerVolume$/, ({ body }) => {
      for (const room of ['kitchen', 'office'])
        if (body?.volume === (room === 'kitchen' ? 5 : 6))
          house.world.speaker(room).volume = Number(body.volume);
      return ok({});
    });
    send(house, 'calm');
    await house.clock.advance(5_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.last('a').result).toMatchObject({ done: 2 });
    expect(house.answers.every(({ ask }) => ask.room === null)).toBe(true);
  });

  it('wait until it is read who plays with whom, and what there is to play', async () => {
    const house = createTestBridge({ settings: { presets: new Map(Object.entries({ jazz })) } });
    house.sonos.on(/^POST .*favorites$/, () => {
      Object.assign(house.world.party('office'), { container: 'Jazz', state: 'PLAYBACK_STATE_PLAYING' });
      return ok({});
    });
    const starting = house.start();
    send(house, 'jazz');
    await starting;
    await house.clock.advance(5_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it('remember what was loaded', async () => {
    const house = await open();
    house.sonos.on(/^POST .*favorites$/, () => {
      Object.assign(house.world.party('office'), { container: 'Jazz', state: 'PLAYBACK_STATE_PLAYING' });
      return ok({});
    });
    send(house, 'jazz');
    await house.clock.advance(5_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
    expect(house.keptPresets().loads).toMatchObject([{ command: 'favorite', value: 'Jazz' }]);
  });

  it('end when the bridge stops while they are under way', async () => {
    const house = await open();
    send(house, 'calm');
    await house.clock.advance(100);
    await house.bridge.stop();
    await house.clock.advance(20_000);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });
});
