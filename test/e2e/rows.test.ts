import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { livingHousehold, track } from '../../src/sim/scenario.ts';
import { expectContractKept } from './contract.ts';
import { eventually, flowing, linkAccount, Observer, type RunningHouse, startHouse } from './house.ts';

const LONG = Array.from({ length: 130 }, (_, at) => track(`Song ${at}`, 'Quartet Linde', 'After Eight', 200));

/** The house of the demo, and a line-out at a fixed level. */
function household() {
  const living = livingHousehold();
  return {
    ...living,
    players: [...living.players, { name: 'Hi-Fi', model: 'port', fixed: true }],
    playlists: [...(living.playlists ?? []), { name: 'Everything', tracks: LONG }],
  };
}

const REFUSED = { status: 499, body: { errorCode: 'ERROR_COMMAND_FAILED', reason: 'Fixed.' } };
const DEVICES = /includeDeviceInfo=true$/;

describe('what a room can do beside playing', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({
      settings: { commands: { confirm_seconds: 2 } },
      sonos: { households: [household()] },
    });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/hi-fi/volume', 'the rooms');
    await flowing(house);
  });

  afterEach(() => house.sonos.clearFaults());

  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  const room = (name: string) => house.sonos.world.room(name);
  const sends = (topic: string, payload: object) => observer.command(`sonos/home/${topic}`, payload);
  const posts = (since: number) =>
    house.sonos.requests
      .slice(since)
      .filter(({ method, path }) => method === 'POST' && !path.endsWith('subscription'));
  const shows = (name: string, part: object) =>
    eventually(
      () => {
        const state = observer.json(`sonos/home/${name}`);
        return Object.entries(part).every(
          ([key, value]) => JSON.stringify(state[key]) === JSON.stringify(value),
        )
          ? state
          : undefined;
      },
      JSON.stringify(part),
      () => observer.json(`sonos/home/${name}`),
    );

  const done = [{ status: 'accepted' }, { status: 'confirmed' }];

  it('switches a TV, and says who can where a room cannot', async () => {
    expect(await sends('living-room/set/tv_power', { value: true })).toMatchObject(done);
    expect(room('Living Room').theater.tvPower).toBe('ON');
    expect(await sends('living-room/set/tv_power', { value: 'off' })).toMatchObject(done);
    expect(room('Living Room').theater.tvPower).toBe('STANDBY');
    const before = house.sonos.requests.length;
    expect(await sends('office/set/tv_power', { value: true })).toMatchObject([
      { status: 'failed', error: { code: 'not_capable', advice: 'These can: living-room, terrace.' } },
    ]);
    expect(posts(before)).toEqual([]);
    house.sonos.failNext({ match: /tvPowerState$/, answer: REFUSED });
    expect((await sends('living-room/set/tv_power', { value: true })).at(-1)).toMatchObject({
      status: 'failed',
      error: { code: 'sonos_error' },
    });
  });

  it('shows what it read of mono and of the volume mode, and sets mono', async () => {
    await shows('terrace', { volume_mode: 'variable', mono: false });
    expect(await sends('terrace/set/mono', { value: true })).toMatchObject(done);
    expect(room('Terrace').settings).toMatchObject({
      monoMode: true,
      volumeMode: 'VARIABLE',
      wifiDisable: false,
    });
    await observer.holds('sonos/home/terrace/mono', 'true');
    await shows('hi-fi', { volume_mode: 'fixed', fixed: true });
    await observer.holds('sonos/home/hi-fi/volume_mode', 'fixed');
  });

  it('sets no volume of a line-out that is fixed, nor of a group of nothing else', async () => {
    const before = house.sonos.requests.length;
    for (const command of ['volume', 'group_volume'])
      expect(await sends(`hi-fi/set/${command}`, { value: 40 })).toMatchObject([
        { status: 'failed', error: { code: 'not_capable', message: expect.stringContaining('fixed') } },
      ]);
    expect(posts(before)).toEqual([]);
    expect(observer.json('sonos/home/hi-fi').group).toMatchObject({ fixed: true });
  });

  it('sets the volume of a group in which only some are fixed, and leaves those alone', async () => {
    expect(await sends('hi-fi/set/join', { value: 'office' })).toMatchObject(done);
    expect((await sends('hi-fi/set/group_volume', { value: 33 })).at(-1)).toMatchObject({
      status: 'confirmed',
    });
    expect([room('Office').volume, room('Hi-Fi').volume]).toEqual([33, 100]);
    expect((await sends('hi-fi/set/group_mute', { value: true })).at(-1)).toMatchObject({
      status: 'confirmed',
    });
    expect([room('Office').muted, room('Hi-Fi').muted]).toEqual([true, false]);
    await sends('hi-fi/set/group_mute', { value: false });
    expect(await sends('hi-fi/set/leave', {})).toMatchObject(done);
  });

  it('says not_capable where only the refusal of Sonos tells', async () => {
    house.sonos.failNext({ match: /playerVolume$/, method: 'POST', answer: REFUSED });
    expect(await sends('terrace/set/volume', { value: 61 })).toMatchObject([
      { status: 'accepted' },
      {
        status: 'failed',
        error: {
          code: 'not_capable',
          sonos: { status: 499, error_code: 'ERROR_COMMAND_FAILED', reason: 'Fixed.' },
        },
      },
    ]);
  });

  it('takes and tells the volumes of a line-out that passes them through, so that an amplifier follows', async () => {
    house.sonos.world.setUp('Terrace', { volumeMode: 'PASS_THROUGH' });
    await sends('terrace/set/refresh', {});
    await shows('terrace', { volume_mode: 'pass_through', fixed: false, volume_limit: null });
    expect(await sends('terrace/set/volume', { value: 44 })).toMatchObject(done);
    await observer.holds('sonos/home/terrace/volume', '44');
    // Somebody turns the knob in the Sonos app.
    house.sonos.world.setVolume('Terrace', 52);
    await observer.holds('sonos/home/terrace/volume', '52');
    const told = observer.messages.filter(({ topic }) => topic === 'sonos/home/terrace/volume');
    expect(told.map(({ payload }) => payload)).toEqual(expect.arrayContaining(['44', '52']));
    const late = await Observer.connect(house.brokerPort, {}, 'sonos/home/terrace/volume');
    await late.until(({ payload, retain }) => payload === '52' && retain, 'the volume, as it is kept');
    await late.end();
    house.sonos.world.setUp('Terrace', { volumeMode: 'FIXED' });
    await shows('terrace', { fixed: true });
    house.sonos.world.setUp('Terrace', { volumeMode: 'VARIABLE' });
    await shows('terrace', { fixed: false });
  });

  it('lowers its sound for a while, and shows the same volume', async () => {
    const { volume } = room('Kitchen');
    expect(await sends('kitchen/set/duck', { seconds: 30 })).toMatchObject(done);
    expect(room('Kitchen')).toMatchObject({ ducking: true, volume });
    expect(house.sonos.requests.findLast(({ path }) => path.endsWith('/duck'))?.body).toBe(
      '{"durationMillis":30000}',
    );
    expect(await sends('kitchen/set/duck', { value: false })).toMatchObject(done);
    expect(room('Kitchen')).toMatchObject({ ducking: false, volume });
    expect(await sends('kitchen/set/duck', { value: true })).toMatchObject(done);
    expect(room('Kitchen').ducking).toBe(true);
    expect((await sends('kitchen/set/duck', { value: 90 })).at(-1)).toMatchObject({
      error: { code: 'invalid_payload' },
    });
  });

  it('tells what is in a playlist', async () => {
    const answers = await sends('bedroom/set/playlist_tracks', { value: 'dinner' });
    expect(answers).toMatchObject([
      { status: 'accepted' },
      {
        status: 'confirmed',
        result: {
          name: 'Dinner for Five',
          tracks: [
            { title: 'Candle Arithmetic', artist: 'Orla Finch Trio', album: 'Kitchen Sessions' },
            { title: 'Copper Pans', artist: 'Quartet Linde', album: 'After Eight' },
            { title: 'A Table for Five' },
          ],
        },
      },
    ]);
    const { result } = (await sends('bedroom/set/playlist_tracks', { value: 'Everything' })).at(-1) ?? {};
    expect(Object(result).tracks).toHaveLength(100);
    expect((await sends('bedroom/set/playlist_tracks', { value: 'Diner for Five' })).at(-1)).toMatchObject({
      status: 'failed',
      error: { code: 'unknown_playlist', advice: 'Did you mean "Dinner for Five"?' },
    });
  });

  it('says what its speaker is, and new software there changes nothing elsewhere', async () => {
    await shows('kitchen', {
      device: {
        ...{ model: 'One', model_number: 'S13', software_version: '96.1-79270' },
        ...{ hardware_version: '1.21.1.8-2.1', generation: 2 },
      },
    });
    const since = observer.messages.length;
    house.sonos.world.update('Kitchen', '97.0-1');
    await eventually(
      () =>
        Object(observer.json('sonos/home/kitchen').device).software_version === '97.0-1' ? true : undefined,
      'the new software',
      () => observer.json('sonos/home/kitchen').device,
    );
    // What came after it would have come with it.
    house.sonos.world.setVolume('Office', 9);
    await observer.holds('sonos/home/office/volume', '9');
    const topics = observer.messages.slice(since).map(({ topic }) => topic);
    expect(topics.filter((topic) => /home\/(?!kitchen$|office|groups$)/.test(topic))).toEqual([]);
    expect(topics).toContain('sonos/home/kitchen');
  });

  it('keeps to the contract in all of it', async () => {
    await expectContractKept(observer, house.brokerPort);
  });
});

describe('models of which no event tells', () => {
  const open = async (answer: 'right' | 'refused') => {
    const house = await startHouse({
      hasCallback: false,
      isLinked: false,
      sonos: { households: [household()] },
    });
    if (answer === 'refused')
      house.sonos.failNext({
        match: DEVICES,
        times: 99,
        answer: { status: 400, body: { errorCode: 'ERROR_INVALID_SYNTAX' } },
      });
    await linkAccount(house.app, house.sonos);
    const observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/kitchen/volume', 'the rooms');
    const asked = () => house.sonos.requests.filter(({ path }) => DEVICES.test(path)).length;
    await eventually(() => (asked() > 0 ? true : undefined), 'the question', asked);
    const kitchen = () => observer.json('sonos/home/kitchen');
    const stop = async () => {
      await observer.end();
      await house.stop();
    };
    return { asked, kitchen, stop, observer };
  };

  it('are asked for once', async () => {
    const { asked, kitchen, stop } = await open('right');
    await eventually(
      () => (Object(kitchen().device).model === 'One' ? true : undefined),
      'the model',
      kitchen,
    );
    expect(asked()).toBe(1);
    await stop();
  });

  it('stay unknown when Sonos does not tell them, and nothing else suffers', async () => {
    const { asked, kitchen, stop, observer } = await open('refused');
    await observer.holds('sonos/home/kitchen/volume_limit', '100');
    expect(asked()).toBe(1);
    expect(kitchen()).toMatchObject({
      stale: false,
      online: true,
      device: { model: null, model_number: null, software_version: '96.1-79270' },
    });
    await stop();
  });
});
