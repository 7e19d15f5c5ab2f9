import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributes, roomCommands } from '../../src/bridge/namespaces/index.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { expectContractKept } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const ROOMS = ['bathroom', 'bedroom', 'kitchen', 'living-room', 'office', 'terrace'];

const brokers = [
  { broker: 'the embedded broker', isMosquitto: false },
  { broker: 'mosquitto', isMosquitto: true },
];

describe.each(brokers)('a household on $broker', ({ isMosquitto }) => {
  describe.skipIf(isMosquitto && !mosquittoIsInstalled)('once it is linked', () => {
    let house: RunningHouse;
    let observer: Observer;
    let stopBroker = async (): Promise<void> => {};

    beforeAll(async () => {
      const mosquitto = isMosquitto ? await startMosquitto() : null;
      stopBroker = async () => mosquitto?.stop();
      house = await startHouse(mosquitto === null ? {} : { brokerPort: mosquitto.port });
      observer = await Observer.connect(house.brokerPort, isMosquitto ? { protocolVersion: 5 } : {});
      for (const room of ROOMS)
        await observer.until(({ topic }) => topic === `sonos/home/${room}/volume`, room);
      // Until events flow the state is read; from here on the tests are about events.
      await flowing(house);
    });

    afterAll(async () => {
      await observer?.end();
      await house?.stop();
      await stopBroker();
    });

    it('has every retained topic of the contract', () => {
      const base = ['', '/groups', '/favorites', '/playlists'].map((topic) => `sonos/home${topic}`);
      const rooms = ROOMS.flatMap((room) => [`sonos/home/${room}`, `sonos/home/${room}/availability`]);
      expect([...observer.topics.keys()]).toEqual(
        expect.arrayContaining(['sonos/bridge/availability', 'sonos/bridge/state', ...base, ...rooms]),
      );
      expect(observer.topics.get('sonos/bridge/availability')).toBe('online');
      expect(observer.json('sonos/home')).toMatchObject({ rooms: ROOMS });
    });

    it('says in each attribute what the state of the room says', () => {
      const state = observer.json('sonos/home/kitchen');
      expect(observer.topics.get('sonos/home/kitchen/volume')).toBe(String(state.volume));
      expect(observer.topics.get('sonos/home/kitchen/members')).toBe('bathroom,kitchen');
      for (const name of attributes.keys()) {
        expect(observer.topics.get(`sonos/home/kitchen/${name}`) ?? '').not.toBe('null');
      }
    });

    it('tells which protocol it speaks, and holds every subscription', async () => {
      await eventually(
        () =>
          observer.json('sonos/bridge/state').mqtt_protocol === (isMosquitto ? 5 : 4) ? true : undefined,
        'the protocol',
        () => observer.json('sonos/bridge/state'),
      );
      const state = await eventually(
        () => {
          const now = observer.json('sonos/bridge/state') as Record<string, Record<string, unknown>>;
          return Number(now.subscriptions?.held) > 0 && now.subscriptions?.held === now.subscriptions?.wanted
            ? now
            : undefined;
        },
        'all subscriptions',
        () => observer.json('sonos/bridge/state'),
      );
      expect(state.account).toMatchObject({ status: 'linked', login_url: null });
    });

    it('follows what people do in the Sonos app', async () => {
      const { world } = house.sonos;
      world.setVolume('Office', 41);
      await observer.holds('sonos/home/office/volume', '41');
      world.mute('Office', true);
      await observer.holds('sonos/home/office/muted', 'true');
      world.mute('Office', false);
      world.playFavorite('Bedroom', 'Village Stream');
      await observer.holds('sonos/home/bedroom/state', 'playing');
      await eventually(
        () => observer.topics.get('sonos/home/bedroom/source'),
        'a source',
        () => observer.json('sonos/home/bedroom'),
      );
      world.pause('Bedroom');
      await observer.holds('sonos/home/bedroom/state', 'idle');
      world.setModes('Kitchen', { shuffle: true });
      await observer.holds('sonos/home/kitchen/shuffle', 'true');
      world.tvOn('Living Room');
      await observer.holds('sonos/home/living-room/source_kind', 'tv');
    });

    it('follows favorites and playlists', async () => {
      const before = observer.json('sonos/home/favorites').version;
      house.sonos.world.renameFavorite('Lark Jazz', 'Lark Night');
      await eventually(
        () =>
          JSON.stringify(observer.json('sonos/home/favorites')).includes('Lark Night') ? true : undefined,
        'the new name',
        () => observer.json('sonos/home/favorites'),
      );
      expect(observer.json('sonos/home/favorites').version).not.toBe(before);
      house.sonos.world.renameFavorite('Lark Night', 'Lark Jazz');
    });

    it('keeps the address of a room through a regrouping', async () => {
      house.sonos.world.group('Office', 'Terrace');
      await observer.holds('sonos/home/terrace/members', 'office,terrace');
      await observer.holds('sonos/home/terrace/group', 'office');
      house.sonos.world.ungroup('Terrace');
      await observer.holds('sonos/home/terrace/members', 'terrace');
      await observer.holds('sonos/home/office/members', 'office');
      await observer.holds('sonos/home/terrace/state', 'idle');
    });

    const commands: readonly (readonly [string, string, object, RegExp])[] = [
      ['kitchen', 'volume', { value: 33 }, /players\/.*\/playerVolume$/],
      ['kitchen', 'volume', { value: '+5' }, /players\/.*\/playerVolume\/relative$/],
      ['kitchen', 'mute', { value: 'toggle' }, /players\/.*\/playerVolume\/mute$/],
      ['kitchen', 'mute', { value: false }, /playerVolume\/mute$/],
      ['kitchen', 'group_volume', { value: 30 }, /groups\/.*\/groupVolume$/],
      ['kitchen', 'group_mute', { value: true }, /groupVolume\/mute$/],
      ['kitchen', 'group_mute', { value: false }, /groupVolume\/mute$/],
      ['kitchen', 'favorite', { value: 'salt' }, /groups\/.*\/favorites$/],
      ['kitchen', 'pause', {}, /playback\/pause$/],
      ['kitchen', 'play', {}, /playback\/play$/],
      ['kitchen', 'toggle', {}, /playback\/togglePlayPause$/],
      ['kitchen', 'playlist', { value: 'Dinner for Five', shuffle: false }, /groups\/.*\/playlists$/],
      ['kitchen', 'next', {}, /playback\/skipToNextTrack$/],
      ['kitchen', 'previous', {}, /playback\/skipToPreviousTrack$/],
      ['kitchen', 'seek', { value: 61 }, /playback\/seek$/],
      ['kitchen', 'seek', { value: '-30' }, /playback\/seekRelative$/],
      ['kitchen', 'shuffle', { value: true }, /playback\/playMode$/],
      ['kitchen', 'repeat', { value: 'all' }, /playback\/playMode$/],
      ['kitchen', 'crossfade', { value: true }, /playback\/playMode$/],
      ['office', 'join', { value: 'kitchen' }, /modifyGroupMembers$/],
      ['office', 'leave', {}, /modifyGroupMembers$/],
      ['office', 'group', { value: ['terrace'] }, /setGroupMembers$/],
      ['terrace', 'leave', {}, /modifyGroupMembers$/],
      ['kitchen', 'refresh', {}, /households\/.*\/groups$/],
      ['kitchen', 'clip', { type: 'chime', name: 'Door' }, /players\/.*\/audioClip$/],
      ['kitchen', 'line_in', { value: 'terrace' }, /groups\/.*\/playback\/lineIn$/],
      [
        'office',
        'stream',
        { value: 'http://radio.example.com/live.mp3' },
        /playbackSessions\/.*\/loadStreamUrl$/,
      ],
      ['living-room', 'favorite', { value: 'Lark One' }, /groups\/.*\/favorites$/],
      ['living-room', 'tv', {}, /players\/.*\/homeTheater$/],
      ['living-room', 'night_mode', { value: true }, /players\/.*\/homeTheater\/options$/],
      ['living-room', 'dialog', { value: 'on' }, /players\/.*\/homeTheater\/options$/],
      ['living-room', 'tv_power', { value: 'on' }, /players\/.*\/homeTheater\/tvPowerState$/],
      ['office', 'volume_limit', { value: 60 }, /players\/.*\/settings\/player$/],
      ['office', 'mono', { value: true }, /players\/.*\/settings\/player$/],
      ['office', 'duck', { value: 2 }, /players\/.*\/playerVolume\/duck$/],
    ];

    it('has a test for each of its commands', () => {
      expect(new Set(commands.map(([, name]) => name))).toEqual(new Set([...roomCommands.keys(), 'refresh']));
    });

    it.each(commands)(
      '%s: %s %o is called at Sonos, accepted, then confirmed',
      async (room, command, payload, call) => {
        const before = house.sonos.requests.length;
        const answers = await observer.command(`sonos/home/${room}/set/${command}`, payload);
        expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
        const calls = house.sonos.requests.slice(before).map(({ path }) => decodeURIComponent(path));
        expect(calls).toEqual(expect.arrayContaining([expect.stringMatching(call)]));
      },
    );

    it('shows what became of those of which Sonos tells no events', async () => {
      await observer.holds('sonos/home/living-room/night_mode', 'true');
      await observer.holds('sonos/home/living-room/dialog', 'true');
      await observer.holds('sonos/home/office/volume_limit', '60');
      await observer.holds('sonos/home/kitchen/source_kind', 'line_in');
      const { world } = house.sonos;
      expect(world.room('Living Room').theater).toMatchObject({ nightMode: true, enhanceDialog: true });
      expect(world.room('Office').settings.volumeScalingFactor).toBe(0.6);
      expect(world.room('Kitchen').source).toMatchObject({ deviceId: world.room('Terrace').id });
      expect(observer.json('sonos/home/kitchen').home_theater).toBeNull();
    });

    it('answers what makes no sense with advice', async () => {
      const [answer] = await observer.command('sonos/home/kitchen/set/favorite', { value: 'Slat and Rope' });
      expect(answer).toMatchObject({
        status: 'failed',
        error: { code: 'unknown_favorite', advice: 'Did you mean "Salt and Rope"?' },
      });
    });

    it('carries several commands out in the order written', async () => {
      const before = house.sonos.requests.length;
      await observer.send(
        'sonos/home/office/set',
        JSON.stringify({ id: 'many', group: ['terrace'], volume: 12, favorite: 'Lark One' }),
      );
      await observer.until(({ topic, payload }) => {
        return (
          topic === 'sonos/home/office/reply' &&
          payload.includes('"favorite"') &&
          payload.includes('confirmed')
        );
      }, 'the last answer');
      const calls = house.sonos.requests.slice(before).filter(({ method }) => method === 'POST');
      const order = calls.map(({ path }) => path.split('/').at(-1)).filter((word) => word !== 'subscription');
      expect(order).toEqual(['setGroupMembers', 'playerVolume', 'favorites']);
      await observer.command('sonos/home/terrace/set/leave', {});
    });

    it('sends a command for all rooms once to each group', async () => {
      const before = house.sonos.requests.length;
      const groups = house.app.bridge.households[0]?.topology?.groups.size;
      await observer.send('sonos/home/all/set/pause', JSON.stringify({ id: 'everyone' }));
      for (const room of ROOMS) {
        await observer.until(({ topic, payload }) => {
          return (
            topic === `sonos/home/${room}/reply` &&
            payload.includes('"everyone"') &&
            !payload.includes('accepted')
          );
        }, `the answer of ${room}`);
      }
      const pauses = house.sonos.requests
        .slice(before)
        .filter(({ path }) => path.endsWith('/playback/pause'));
      expect(new Set(pauses.map(({ path }) => path)).size).toBe(pauses.length);
      expect(pauses).toHaveLength(groups ?? 0);
    });

    // The last one, because it looks back at all of them.
    it('says nothing that is not in the contract', async () => {
      await expectContractKept(observer, house.brokerPort);
    });
  });
});
