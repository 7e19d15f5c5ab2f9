import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEventMaker } from '../../bench/events/event-maker.ts';
import { sign } from '../../src/sim/index.ts';
import { builtProgram } from '../support/built-program.ts';
import { figure } from '../support/figures.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { linkInBrowser, openPlace, type Place, type Program } from './daemon.ts';
import { eventually, Observer } from './house.ts';
import { bestOf, post, quantile } from './load.ts';
import { openSlowSockets } from './slow-sockets.ts';

const EVENTS = 2_000;
const PER_SECOND = 200;
const STALLED_P99_MS = 50;
const SLOW_SOCKETS = 1_500;
const PER_SECOND_ATTACKED = 50;
const ATTACK_MS = 6_000;
const ATTACKED_P99_MS = 250;
/** More file operations at once than Node has threads for them; each waits until somebody writes into the pipe. */
const stalledDisk = (pipe: string): readonly string[] => {
  const code = `import { close, open } from 'node:fs';
    process.on('SIGUSR2', () => {
      for (let thread = 0; thread < 16; thread += 1)
        open(${JSON.stringify(pipe)}, 'r', (_error, file) => file !== undefined && close(file, () => {}));
    });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
};

describe.skipIf(!mosquittoIsInstalled)('an event from Sonos is answered at once', () => {
  let mosquitto: Mosquitto;
  let place: Place;
  let daemon: Program;
  let observer: Observer;
  let port = 0;
  let path = '';
  let make: () => string = () => '';
  let rooms: { address: string; player: string; group: string }[] = [];
  let writer: number | null = null;
  const pipe = () => join(place.folder, 'pipe');
  /** The disk works again, now and later. */
  const release = () => {
    writer ??= openSync(pipe(), constants.O_RDWR | constants.O_NONBLOCK);
  };
  /** When the numbers of the last events were saved; 0 before the first time. */
  const marks = () =>
    statSync(join(place.folder, 'data/sequence-marks.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;

  beforeAll(async () => {
    await builtProgram();
    mosquitto = await startMosquitto();
    place = await openPlace({ mqtt: { url: mosquitto.url }, log: { level: 'info' }, poll_seconds: 10 });
    const { sonos } = place;
    execFileSync('mkfifo', [pipe()]);
    observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 });
    daemon = await place.start({ node: stalledDisk(pipe()) });
    ({ public_port: port } = await daemon.runs());
    const { callback_secret } = z.object({ callback_secret: z.string() }).parse(place.kept('generated'));
    path = `/sonos/events/${callback_secret}`;
    sonos.registerCallback(`http://127.0.0.1:${port}${path}`);
    await linkInBrowser(place.page);
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    rooms = sonos.world
      .rooms()
      .flatMap(({ id, name, groupId }) =>
        groupId === null
          ? []
          : [{ address: name.toLowerCase().replaceAll(' ', '-'), player: id, group: groupId }],
      );
    const household = sonos.world.rooms()[0]?.household ?? '';
    const { clientId, clientSecret } = sonos;
    const maker = createEventMaker({ port, path, household, places: rooms, clientId, clientSecret });
    let turn = 0;
    make = () => {
      turn += 1;
      return maker(turn % rooms.length).request;
    };
    await sonos.delivered();
    sonos.knobs.deliver = false;
  }, 180_000);

  afterEach(() => {
    mosquitto.signal('SIGCONT');
    release();
    place.sonos.clearFaults();
    place.sonos.knobs.tokenEndpoint = 'normal';
  });

  afterAll(async () => {
    if (writer !== null) closeSync(writer);
    await observer?.end();
    await place?.leave();
    await mosquitto?.stop();
  });

  it('while the cloud, the broker and the disk stall, all three', async () => {
    const { sonos } = place;
    const before = sonos.requests.length;
    sonos.failNext({ match: /./, times: Number.POSITIVE_INFINITY, answer: 'hang' });
    sonos.knobs.tokenEndpoint = 'hang';
    for (const { address } of rooms) await observer.send(`sonos/home/${address}/set/volume`, '33');
    const hanging = () => sonos.requests.slice(before).filter(({ fate }) => fate === 'hanging').length;
    await eventually(
      () => (hanging() > 0 ? true : undefined),
      'calls that hang',
      () => hanging(),
    );
    mosquitto.signal('SIGSTOP');
    daemon.child.kill('SIGUSR2');
    await post({ port, make, count: 200, perSecond: PER_SECOND, freshEvery: 10 });
    const savedAt = marks();
    const heard = observer.messages.length;

    const { latencies, lines } = await bestOf('events while everything stalls', STALLED_P99_MS, () =>
      post({ port, make, count: EVENTS, perSecond: PER_SECOND, freshEvery: 10 }),
    );

    expect([...lines]).toEqual([['HTTP/1.1 200 OK', EVENTS]]);
    expect(quantile(latencies, 0.99)).toBeLessThanOrEqual(STALLED_P99_MS);
    // All three did stall: nothing was saved, though it was due; nothing was heard; and calls hang.
    expect([marks(), observer.messages.length]).toEqual([savedAt, heard]);
    figure('calls that hung meanwhile', hanging());

    // Then it goes on from where it is.
    const { answers, room } = await told(77);
    expect([...answers.lines]).toEqual([['HTTP/1.1 200 OK', 1]]);
    mosquitto.signal('SIGCONT');
    await observer.holds(`sonos/home/${room.address}/volume`, '77');
    release();
    await eventually(
      () => (marks() > savedAt ? true : undefined),
      'the marks to be saved',
      () => marks(),
    );
  }, 120_000);

  /** Tells the bridge of the volume of the first room, later than everything before. */
  async function told(volume: number) {
    const [room] = rooms;
    if (room === undefined) throw new Error('the house has no room');
    const { clientId, clientSecret, world } = place.sonos;
    const signed = {
      sequence: '999999999999',
      namespace: 'playerVolume',
      type: 'playerVolume',
      targetType: 'playerId',
      target: room.player,
    };
    const headers = [
      `X-Sonos-Household-Id: ${world.rooms()[0]?.household}`,
      `X-Sonos-Namespace: ${signed.namespace}`,
      `X-Sonos-Type: ${signed.type}`,
      `X-Sonos-Target-Type: ${signed.targetType}`,
      `X-Sonos-Target-Value: ${signed.target}`,
      `X-Sonos-Event-Seq-Id: ${signed.sequence}`,
      `X-Sonos-Event-Signature: ${sign(signed, clientId, clientSecret)}`,
    ].join('\r\n');
    const body = JSON.stringify({ volume, muted: false, fixed: false });
    const request = `POST ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answers = await post({ port, make: () => request, count: 1, perSecond: 1, freshEvery: 1 });
    return { answers, room, headers: `${headers}\r\n` };
  }

  it('beside 1,500 slow sockets', async () => {
    const { headers } = await told(78);
    const { latencies, lines } = await bestOf('events beside slow sockets', ATTACKED_P99_MS, async () => {
      const attack = await openSlowSockets(port, SLOW_SOCKETS, path, headers);
      try {
        // From the first moment of the attack on.
        const count = (ATTACK_MS / 1000) * PER_SECOND_ATTACKED;
        const answers = await post({ port, make, count, perSecond: PER_SECOND_ATTACKED, freshEvery: 3 });
        const { most, made } = attack.counts();
        figure('slow sockets', `${most} at once, ${made} in all`);
        expect(most).toBeGreaterThan(SLOW_SOCKETS * 0.95);
        return answers;
      } finally {
        await attack.stop();
      }
    });
    expect([...lines]).toEqual([['HTTP/1.1 200 OK', latencies.length]]);
    expect(quantile(latencies, 0.99)).toBeLessThanOrEqual(ATTACKED_P99_MS);
    const { code } = await daemon.stop('SIGTERM');
    expect(code).toBe(0);
  }, 120_000);
});
