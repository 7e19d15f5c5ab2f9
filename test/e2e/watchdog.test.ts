import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { linkInBrowser, openPlace, type Place, type Program } from './daemon.ts';
import { Observer } from './house.ts';
import { lifeOf, SIGNS, type Watched } from './watchdog.ts';

const PATH = '/sonos/events/watchdog-0123456789';
const ONE_TRY = 0;

/** From then on nothing that was to be said to the broker leaves, though everything else goes on. */
const MUTE = [
  '--import',
  "data:text/javascript,process.on('SIGUSR2', () => { globalThis.setImmediate = () => {}; });",
];

// One bridge, from bad to worse.
describe('the watchdog', () => {
  let place: Place;
  let daemon: Program;
  let observer: Observer;
  let watched: Watched;

  beforeAll(async () => {
    await builtProgram();
    const [callbackPort, brokerPort] = [await freePort(), await freePort()];
    const callback = { host: '127.0.0.1', port: callbackPort, path: PATH };
    place = await openPlace({ callback, broker: { port: brokerPort } });
    place.sonos.registerCallback(`http://127.0.0.1:${callbackPort}${PATH}`);
    daemon = await place.start({ node: MUTE });
    const { page } = await daemon.runs();
    observer = await Observer.connect(brokerPort);
    await linkInBrowser(page);
    watched = { page, observer, sonos: place.sonos, hasEnded: () => daemon.hasEnded };
  }, 150_000);

  afterAll(async () => {
    await observer?.end();
    await place?.leave();
  });

  it('finds a bridge alive that has just been linked', async () => {
    expect(await lifeOf(watched)).toEqual({ life: 'alive' });
  });

  it('finds one that stands still a zombie, and alive again when it goes on', async () => {
    daemon.child.kill('SIGSTOP');
    expect(await lifeOf(watched, ONE_TRY)).toEqual({ life: 'zombie', lacks: SIGNS });
    daemon.child.kill('SIGCONT');
    expect(await lifeOf(watched)).toEqual({ life: 'alive' });
  });

  it('finds one a zombie whose page answers, but that shows nothing any more', async () => {
    daemon.child.kill('SIGUSR2');
    expect(await lifeOf(watched, ONE_TRY)).toEqual({
      life: 'zombie',
      lacks: ['events', 'commands', 'state'],
    });
  });

  it('finds one dead that ended, before or while it was looked at', async () => {
    const looked = lifeOf(watched);
    await daemon.stop('SIGKILL');
    expect(await looked).toEqual({ life: 'dead' });
    expect(await lifeOf(watched)).toEqual({ life: 'dead' });
  });
});
