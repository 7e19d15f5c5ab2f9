import type { Chance } from '../../src/sim/random.ts';
import { linkInBrowser } from './daemon.ts';
import { eventually } from './house.ts';
import type { Lives } from './lives.ts';

/** What may be going on in a daemon's life when the signal comes. */
export interface Moment {
  readonly name: string;
  /** With no data folder, from the start of the process, or once it has settled. */
  readonly from: 'nothing' | 'birth' | 'rest';
  /** The instant lies at most so long after `begin` has settled. */
  readonly withinMs: number;
  readonly isBrokerLost?: true;
  readonly isAskedTwice?: true;
  /** Lets it go on; the answer ends it. */
  readonly begin: (lives: Lives, chance: Chance) => Promise<() => void> | (() => void);
}

const ROOMS = ['Kitchen', 'Living Room', 'Bedroom', 'Bathroom', 'Office', 'Terrace'] as const;
const VOLUME = { least: 1, most: 60 };
const AGAIN = 1_000_000;

const nothing = (): void => {};

/** Makes every answer of Sonos take so long. */
function slow({ place }: Lives, milliseconds: number): () => void {
  place.sonos.knobs.replyDelayMs = milliseconds;
  return () => {
    place.sonos.knobs.replyDelayMs = 0;
  };
}

/** Waits until the daemon has asked Sonos for something. */
async function asked({ place: { sonos } }: Lives, path: RegExp): Promise<void> {
  const since = Date.now() - 1;
  await eventually(
    () => sonos.requests.find((request) => request.at >= since && path.test(request.path)),
    `a request for ${path}`,
    () => sonos.requests.slice(-5),
    20_000,
  );
}

/** Begins a login that is not waited for: the daemon may end in the midst of it. */
async function startLogin(lives: Lives): Promise<void> {
  await lives.daemon.runs();
  linkInBrowser(lives.place.page).catch(nothing);
}

function someCommand(lives: Lives, chance: Chance): void {
  const room = chance.pick(ROOMS);
  const volume = chance.integer(VOLUME.least, VOLUME.most);
  chance.pick([
    () => lives.send(room, 'volume', volume),
    () => lives.send(room, 'volume', '+1'),
    () => lives.send(room, 'group_volume', volume),
    () => lives.send(room, 'mute', 'toggle'),
    () => lives.send('Office', 'next'),
    () => lives.send('Office', 'pause'),
    () => lives.send('Office', 'play'),
    () => lives.send(room, 'refresh'),
    () => lives.send('Terrace', 'join', 'office'),
    () => lives.send('Terrace', 'leave'),
    () => lives.send(room, 'favorite', 'Village Stream'),
  ])();
}

/** Somebody plays with everything at once. */
function storm({ place: { sonos } }: Lives, chance: Chance): () => void {
  const { world } = sonos;
  const deeds = [
    () => world.setVolume(chance.pick(ROOMS), chance.integer(VOLUME.least, VOLUME.most)),
    () => world.mute(chance.pick(ROOMS), chance.fraction() < 0.5),
    () => world.setGroupVolume(chance.pick(ROOMS), chance.integer(VOLUME.least, VOLUME.most)),
    () => world.next('Office'),
    () => world.group('Kitchen', chance.pick(['Bathroom', 'Terrace', 'Bedroom'])),
    () => world.ungroup(chance.pick(['Bathroom', 'Terrace', 'Bedroom'])),
  ];
  const timer = setInterval(() => {
    try {
      chance.pick(deeds)();
    } catch {
      // What cannot be done at the moment is not done.
    }
  }, 2);
  return () => clearInterval(timer);
}

const whileItRuns: readonly Moment[] = [
  {
    name: 'a storm of events',
    ...{ from: 'rest', withinMs: 300 },
    begin: storm,
  },
  {
    name: 'commands under way',
    ...{ from: 'rest', withinMs: 400 },
    begin(lives, chance) {
      const over = slow(lives, chance.pick([0, 30, 250]));
      if (chance.fraction() < 0.3)
        lives.place.sonos.failNext({ match: /Volume$/, method: 'POST', answer: 'hang' });
      for (let count = 0; count < 20; count += 1) someCommand(lives, chance);
      const more = setInterval(() => someCommand(lives, chance), 10);
      return () => {
        clearInterval(more);
        lives.place.sonos.clearFaults();
        over();
      };
    },
  },
  {
    name: 'a broker that is silent',
    ...{ from: 'rest', withinMs: 300, isBrokerLost: true },
    begin(lives, chance) {
      lives.wire.freeze();
      const over = storm(lives, chance);
      return () => {
        over();
        // Only now the broker notices that nobody is there.
        lives.wire.cut();
        lives.wire.mend();
      };
    },
  },
  {
    name: 'a broker that is gone',
    // Long enough for further tries to reach it.
    ...{ from: 'rest', withinMs: 2_500, isBrokerLost: true },
    begin(lives) {
      lives.wire.cut();
      return () => lives.wire.mend();
    },
  },
  {
    name: 'an outage of the cloud',
    ...{ from: 'rest', withinMs: 1_500 },
    begin(lives, chance) {
      const answer = chance.pick(['hang', 'refuse', { status: 503 }] as const);
      lives.place.sonos.failNext({ match: '/', times: AGAIN, answer });
      const more = setInterval(() => someCommand(lives, chance), 50);
      return () => {
        clearInterval(more);
        lives.place.sonos.clearFaults();
      };
    },
  },
  {
    name: 'a token refresh',
    ...{ from: 'rest', withinMs: 400 },
    begin(lives, chance) {
      const over = slow(lives, chance.integer(10, 120));
      lives.place.sonos.expireAccessTokens();
      someCommand(lives, chance);
      return over;
    },
  },
  {
    name: 'an end that was asked for already',
    ...{ from: 'rest', withinMs: 150, isAskedTwice: true },
    begin(lives, chance) {
      someCommand(lives, chance);
      lives.daemon.child.kill(chance.pick(['SIGTERM', 'SIGINT']));
      return nothing;
    },
  },
];

/** Every moment that the issue names. */
export const MOMENTS: readonly Moment[] = [
  { name: 'the very first start', ...{ from: 'nothing', withinMs: 700 }, begin: () => nothing },
  { name: 'a start', ...{ from: 'birth', withinMs: 700 }, begin: () => nothing },
  {
    name: 'a login',
    ...{ from: 'nothing', withinMs: 200 },
    async begin(lives, chance) {
      const over = slow(lives, chance.integer(0, 60));
      await startLogin(lives);
      return over;
    },
  },
  {
    name: 'the first topology',
    ...{ from: 'nothing', withinMs: 120 },
    async begin(lives, chance) {
      const over = slow(lives, chance.integer(0, 60));
      await startLogin(lives);
      await asked(lives, /\/groups$/);
      return over;
    },
  },
  {
    name: 'subscribing',
    ...{ from: 'birth', withinMs: 400 },
    async begin(lives, chance) {
      const over = slow(lives, chance.integer(0, 30));
      await asked(lives, /\/subscription$/);
      return over;
    },
  },
  ...whileItRuns,
];
