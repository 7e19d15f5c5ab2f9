import type { Chance } from '../../src/sim/random.ts';
import type { House } from './house.ts';

/**
 * How bad a trouble is, for what may be expected after it. `order`: every change is told in the end, only not in order.
 * `told`: everything is told, and something else failed. `lost`: changes may go untold, so that only a read-back finds them.
 */
export type Kind = 'order' | 'told' | 'lost';

/** Something that goes wrong for a while. */
export interface Trouble {
  readonly name: string;
  readonly kind: Kind;
  begin(house: House, chance: Chance): Promise<void> | void;
  end(house: House, chance: Chance): Promise<void> | void;
  /** The bridge looks at everything anew afterwards; who waited for an answer may not get one. */
  readonly endsRun?: boolean;
}

const nothing = (): void => {};

type Fault = Parameters<House['cloud']['failNext']>[0];

/** Calls that match are answered so, each with that likelihood, for as long as it lasts. */
const failing = (name: string, fault: (chance: Chance) => Fault): Trouble => ({
  name,
  kind: 'lost',
  begin: (house, chance) => house.cloud.failNext({ times: chance.integer(1, 25), ...fault(chance) }),
  end: (house) => house.cloud.clearFaults(),
});

const ANY = /^\/control\//;
const globalError = (errorCode: string) => ({ _objectType: 'globalError', errorCode, reason: 'simulated' });

/** A knob of the simulated Sonos is turned, and turned back. */
function turned<Key extends keyof House['cloud']['knobs']>(
  name: string,
  kind: Kind,
  knob: Key,
  value: (chance: Chance) => House['cloud']['knobs'][Key],
  normal: House['cloud']['knobs'][Key],
): Trouble {
  return {
    name,
    kind,
    begin: ({ cloud }, chance) => {
      cloud.knobs[knob] = value(chance);
    },
    end: ({ cloud }) => {
      cloud.knobs[knob] = normal;
    },
  };
}

const events: readonly Trouble[] = [
  turned('events twice', 'order', 'duplicateRate', () => 0.5, 0),
  {
    name: 'events out of order',
    kind: 'order',
    begin: ({ cloud }, chance) => {
      cloud.knobs.reorderRate = 0.4;
      cloud.knobs.reorderMs = chance.integer(20, 8_000);
    },
    end: ({ cloud }) => {
      cloud.knobs.reorderRate = 0;
    },
  },
  turned('events late', 'order', 'deliveryDelayMs', (chance) => [0, chance.integer(100, 2_500)], [0, 0]),
  turned('events dropped', 'lost', 'dropRate', (chance) => chance.pick([0.1, 0.5, 1]), 0),
  turned('bodies altered', 'lost', 'corruptRate', (chance) => chance.pick([0.1, 0.5, 1]), 0),
  {
    name: 'counters begin anew',
    kind: 'lost',
    begin: (house) => {
      house.cloud.resetSequences();
      house.countersBeganAnew = true;
    },
    end: nothing,
  },
  {
    name: 'subscriptions gone',
    kind: 'lost',
    begin: (house) => {
      house.cloud.wipeSubscriptions();
      const corrections = house.app.bridge.status().map((household) => household.corrections);
      house.wiped = { at: house.time.now, corrections };
    },
    end: nothing,
  },
];

const slow = (name: string, kind: Kind, latency: readonly [number, number]): Trouble => ({
  name,
  kind,
  begin: ({ network }) => {
    network.latency = latency;
  },
  end: ({ network }) => {
    network.latency = [20, 90];
  },
});

const calls: readonly Trouble[] = [
  failing('replies lost', () => ({ match: ANY, answer: 'lose-reply' })),
  failing('replies to commands lost', () => ({ match: ANY, method: 'POST', answer: 'lose-reply' })),
  failing('connections refused', () => ({ match: ANY, answer: 'refuse' })),
  failing('calls hang', (chance) => ({ match: ANY, times: chance.integer(1, 5), answer: 'hang' })),
  failing('5xx', (chance) => ({
    match: ANY,
    answer: { status: chance.pick([500, 502, 503, 504]), body: 'bad gateway' },
  })),
  failing('429', (chance) => ({
    match: ANY,
    times: chance.integer(1, 4),
    answer: {
      status: 429,
      body: globalError('ERROR_TOO_MANY_REQUESTS'),
      headers: { 'Retry-After': String(chance.integer(1, 30)) },
    },
  })),
  failing('499', () => ({ match: ANY, answer: { status: 499, body: globalError('ERROR_COMMAND_FAILED') } })),
  failing('401', (chance) => ({
    match: ANY,
    times: chance.integer(1, 3),
    answer: { status: 401, body: chance.pick(['', 'no', '{"x":1}', '{"fault":{"faultstring":"expired"}}']) },
  })),
  failing('410', () => ({
    match: /\/groups\/RINCON/,
    answer: { status: 410, body: globalError('ERROR_RESOURCE_GONE') },
  })),
  turned('partial lists', 'lost', 'partialGroups', () => true, false),
  slow('calls slower than events', 'told', [500, 4_000]),
  slow('calls that take too long', 'lost', [3_000, 14_000]),
  {
    name: 'no internet',
    kind: 'lost',
    begin: ({ network }) => {
      network.isDown = true;
    },
    end: ({ network }) => {
      network.isDown = false;
    },
  },
];

const tokens: readonly Trouble[] = [
  { name: 'tokens expire', kind: 'told', begin: ({ cloud }) => cloud.expireAccessTokens(), end: nothing },
  {
    name: 'tokens expire, login server down',
    kind: 'lost',
    begin: ({ cloud }, chance) => {
      cloud.knobs.tokenEndpoint = chance.pick(['unavailable', 'hang']);
      cloud.expireAccessTokens();
    },
    end: ({ cloud }) => {
      cloud.knobs.tokenEndpoint = 'normal';
    },
  },
  {
    name: 'login withdrawn',
    kind: 'lost',
    begin: ({ cloud }) => cloud.revoke(),
    end: async (house) => {
      if (house.isRunning) await house.login();
    },
  },
];

const broker: readonly Trouble[] = [
  {
    name: 'broker down',
    kind: 'told',
    begin: (h) => h.broker.become('down'),
    end: (h) => h.broker.become('up'),
  },
  {
    name: 'broker refuses',
    kind: 'told',
    begin: (house) => house.broker.become('refusing'),
    end: (house) => house.broker.become('up'),
  },
  {
    name: 'broker stuck',
    kind: 'told',
    begin: (h) => h.broker.become('stuck'),
    end: (h) => h.broker.become('up'),
  },
  { name: 'broker forgets', kind: 'told', begin: (house) => house.broker.forget(), end: nothing },
  { name: 'broker cuts', kind: 'told', begin: (h) => h.broker.cut(1), end: (h) => h.broker.cut(0) },
];

const disk: readonly Trouble[] = (['ENOSPC', 'EROFS', 'EIO', 'slow'] as const).map((trouble) => ({
  name: `disk ${trouble}`,
  kind: 'told',
  begin: (house) => {
    house.disk.trouble = trouble;
  },
  end: (house) => {
    house.disk.trouble = null;
  },
}));

const process: readonly Trouble[] = [
  {
    name: 'kill',
    kind: 'told',
    begin: (house) => house.crash({ withPower: false }),
    end: async (house) => void (await house.start()),
    endsRun: true,
  },
  {
    name: 'power cut',
    kind: 'told',
    begin: (house) => house.crash({ withPower: true }),
    end: async (house) => void (await house.start()),
    endsRun: true,
  },
  {
    // A small computer has no clock of its own that goes on, and is up before the router and Sonos are.
    name: 'power cut, back too early',
    kind: 'told',
    begin: (house) => house.crash({ withPower: true }),
    end: async (house, chance) => {
      house.machine.calendarOff = -chance.integer(1, 40) * chance.pick([60_000, 3_600_000, 86_400_000]);
      house.cloud.failNext({ match: /\/groups$/, times: chance.integer(0, 6), answer: 'refuse' });
      await house.start();
      for (let left = chance.integer(0, 4); left > 0; left -= 1) {
        house.meanwhile();
        await house.time.advance(chance.pick([30, 1_000, 10_000]));
      }
      house.machine.calendarOff = 0;
      house.cloud.clearFaults();
    },
    endsRun: true,
  },
  {
    name: 'stopped for a while',
    kind: 'told',
    begin: (house) => house.stop(),
    end: async (house) => void (await house.start()),
    endsRun: true,
  },
  {
    name: 'sleep',
    kind: 'told',
    begin: (house, chance) => {
      const milliseconds = chance.integer(1, 100) * 3_600_000;
      house.machine.sleep(milliseconds);
      return house.time.advance(milliseconds);
    },
    end: nothing,
    endsRun: true,
  },
  {
    name: 'calendar jumps',
    kind: 'told',
    begin: ({ machine }, chance) => {
      machine.calendarOff = chance.integer(-40, 40) * chance.pick([60_000, 3_600_000, 86_400_000]);
    },
    end: ({ machine }) => {
      machine.calendarOff = 0;
    },
  },
];

/** Every trouble that there is, by family. */
export const FAMILIES: Readonly<Record<string, readonly Trouble[]>> = {
  events,
  calls,
  tokens,
  broker,
  disk,
  process,
};
