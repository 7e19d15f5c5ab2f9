import { type Chance, createChance } from '../../src/sim/random.ts';
import { Announcers } from './announcers.ts';
import { hasAnnouncements, wrongSizes, wrongSubscriptions, wrongTopics, wrongToTheEye } from './checks.ts';
import { Clients } from './commands.ts';
import { House, type HouseSpec } from './house.ts';
import { act, household, setUp, silence } from './people.ts';
import { wrongAfterRegrouping, wrongWithACommand } from './probe.ts';
import { Residents } from './residents.ts';
import { Calendar } from './schedule-checks.ts';
import { Trace } from './trace.ts';
import { FAMILIES, type Kind, type Trouble } from './trouble.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An answer that waits for the broker is worth nothing after a minute; some of it may have gone by before. */
const ANSWER_LIFE_MS = 45_000;

/** An announcement waits for five minutes at most, and is heard for one. */
const ANNOUNCEMENT_LIFE_MS = 400_000;

/** How often somebody announces something while others do something else. */
const SHARE = 0.035;

/** Where nothing changes, a subscription that Sonos forgot comes back when it is renewed, within a day. */
const RENEWAL_MS = 25 * HOUR_MS;

/** In six hours in which nobody is at home; a house that polls every minute has some thousands. */
const MOST_TIMERS = 100_000;

/** How a simulated month went. */
export interface Outcome {
  readonly seed: number;
  /** What was wrong at the first quiet moment at which anything was; empty for a good month. */
  readonly wrong: readonly string[];
  /** What was done to the house just before. */
  readonly after: string;
  readonly trace: string;
  readonly episodes: number;
  readonly commands: number;
  readonly announcements: number;
  readonly schedules: number;
  readonly missed: number;
  readonly calls: number;
  readonly deeds: number;
}

/** Minutes between two read-backs; few houses read as often as the settings' default, for that costs the most. */
const COMMON_RECONCILES = [...Array<number>(30).fill(360), ...Array<number>(7).fill(240), 120, 30, 10];

/** What kind of house a seed stands for. */
export function houseOf(seed: number): HouseSpec {
  const chance = createChance(seed * 7919 + 11);
  const refreshTokens = chance.pick(['stable', 'rotating'] as const);
  // The documentation says that the state follows a subscription; a house where it does not is polled more.
  const snapshotOnSubscribe = chance.fraction() < 0.9;
  return {
    seed,
    households: Array.from({ length: chance.fraction() < 0.85 ? 1 : 2 }, (_, i) => household(chance, i)),
    brokerSpeaks: chance.pick([null, 4, 5]),
    // Most houses read back seldom, so that whatever events should tell is seen to be told by them.
    reconcileMinutes: chance.pick(snapshotOnSubscribe ? COMMON_RECONCILES : [240, 360]),
    pollSeconds: snapshotOnSubscribe ? chance.pick([60, 600, 900, 900]) : 900,
    knobs: {
      refreshTokens,
      rotationGraceSeconds: chance.pick([0, 60]),
      omitRefreshToken: refreshTokens === 'stable' && chance.fraction() < 0.5,
      unauthorizedShape: chance.pick(['access_denied', 'token_expired', 'invalid_token'] as const),
      deadGroupStatus: chance.pick([410, 404, 499] as const),
      objectTypes: chance.fraction() < 0.7,
      snapshotOnSubscribe,
      volumeSettleMs: chance.pick([0, 150]),
      createGroupExtends: chance.fraction() < 0.5,
      grantError: chance.pick(['invalid_request', 'invalid_grant'] as const),
      stationMomentMs: 6 * HOUR_MS,
      fetchClips: true,
      lowDuringHigh: chance.pick(['wait', 'refuse'] as const),
    },
  };
}

/** Troubles of one episode: mostly one alone, so that what may be expected after it is sharp. */
function troublesOf(chance: Chance): Trouble[] {
  const count = chance.pick([1, 1, 1, 1, 2, 2, 3]);
  const families = chance.shuffled(Object.keys(FAMILIES)).slice(0, count);
  return families.map((family) => chance.pick(FAMILIES[family] ?? []));
}

/** Whether nobody could get through these: what a refusing disk did not take is gone with the process. */
function isHopeless(troubles: readonly Trouble[]): boolean {
  return troubles.map(familyOf).includes('disk') && troubles.some((each) => each.endsRun);
}

/** A new token whose answer never comes is lost for good, when Sonos has taken the old one back at once. */
function mayLoseTheLogin(troubles: readonly Trouble[], { knobs }: HouseSpec): boolean {
  const losesTokens = knobs.refreshTokens === 'rotating' && knobs.rotationGraceSeconds === 0;
  return losesTokens && troubles.some(({ name }) => name === 'calls that take too long');
}

/** What ends a run of the bridge begins last and is over before somebody can log in again. */
const ORDER_OF_END = ['events', 'calls', 'broker', 'disk', 'process', 'tokens'];
const familyOf = (trouble: Trouble): string =>
  Object.keys(FAMILIES).find((family) => FAMILIES[family]?.includes(trouble)) ?? '';
const byEnd = (a: Trouble, b: Trouble): number =>
  ORDER_OF_END.indexOf(familyOf(a)) - ORDER_OF_END.indexOf(familyOf(b));

/** One month in the life of one house. */
export class Month {
  readonly #house: House;
  readonly #chance: Chance;
  readonly #clients: Clients;
  readonly #announcers: Announcers;
  readonly #residents: Residents;
  readonly #calendar: Calendar;
  /** Decides when somebody announces, so that everything else happens as it would without. */
  readonly #announcing: Chance;
  /** Decides what somebody sets up, of which Sonos tells nobody. */
  readonly #settingUp: Chance;
  readonly #days: number;
  #episodes = 0;
  #deeds = 0;
  #calls = 0;
  #after = 'nothing yet';
  /** Moments at which a run ended. */
  #ends: { readonly run: number; readonly at: number }[] = [];

  constructor(seed: number, days: number, show: ((line: string) => void) | null = null) {
    this.#house = new House(houseOf(seed), new Trace(show));
    this.#chance = createChance(seed * 31_337 + 5);
    this.#clients = new Clients(this.#house, createChance(seed * 1009 + 3), createChance(seed * 4001 + 41));
    this.#announcing = createChance(seed * 2003 + 17);
    this.#announcers = new Announcers(this.#house, this.#announcing);
    this.#calendar = new Calendar(this.#house);
    this.#house.meanwhile = () => this.#announcers.act();
    this.#settingUp = createChance(seed * 3001 + 23);
    this.#residents = new Residents(this.#house, createChance(seed * 5003 + 29));
    this.#days = days;
  }

  /** Lives through it, until the days are over or something is wrong; answers what. */
  async live(): Promise<readonly string[]> {
    const { time } = this.#house;
    let wrong = await this.#moveIn();
    while (wrong.length === 0 && time.now < this.#days * DAY_MS) {
      wrong = await this.#quietStretch();
      if (wrong.length === 0) wrong = await this.#episode();
    }
    this.#tidy();
    return wrong;
  }

  /** How it went. */
  outcome(wrong: readonly string[]): Outcome {
    return {
      seed: this.#house.spec.seed,
      wrong,
      after: this.#after,
      trace: this.#house.trace.end(),
      episodes: this.#episodes,
      commands: this.#clients.count,
      announcements: this.#announcers.count,
      schedules: this.#calendar.count,
      missed: this.#calendar.missed,
      calls: this.#calls,
      deeds: this.#deeds,
    };
  }

  async #moveIn(): Promise<string[]> {
    const house = this.#house;
    if (!(await house.start()) || !(await house.login())) return ['the house could not be moved into'];
    await house.time.advance(MINUTE_MS);
    const wrong = this.#check('told', [], 0);
    return wrong.length > 0 ? wrong : this.#probe('told');
  }

  /** The house is right; now whether it is alive. */
  async #probe(kind: Kind): Promise<string[]> {
    const house = this.#house;
    // Where events may still be doubted, some things are read once more.
    const ofRegrouping =
      kind === 'lost' || house.countersBeganAnew ? [] : await wrongAfterRegrouping(house, this.#chance);
    this.#tidy();
    const ofCommand = await wrongWithACommand(house, this.#chance, `probe-${house.time.now}`);
    this.#tidy();
    const ofAnnouncing = await this.#announcers.probe();
    this.#tidy();
    const ofPreset = await this.#residents.probe();
    this.#tidy();
    return [
      ...ofRegrouping,
      ...ofCommand,
      ...ofAnnouncing,
      ...ofPreset,
      ...(kind === 'lost' ? [] : wrongTopics(house)),
    ];
  }

  /** Days in which nobody is at home, though calls may fail now and then. */
  async #quietStretch(): Promise<string[]> {
    const { time, network } = this.#house;
    const hours = this.#chance.integer(12, 84);
    network.lossRate = this.#chance.fraction() < 0.25 ? 0.35 : 0;
    const isLossless = network.lossRate === 0;
    const began = this.#house.machine.calendar;
    const { corrections } = this.#house.app.state().reconcile;
    const deed = setUp(this.#house.cloud.world, this.#settingUp);
    if (deed !== null) this.#house.trace.note(time.now, deed);
    const ofPreset = isLossless ? [] : await this.#residents.tryAnyway();
    if (ofPreset.length > 0) return ofPreset;
    for (let hour = 0; hour < hours; hour += 6) {
      const before = time.fired;
      await time.advance(6 * HOUR_MS);
      const fired = time.fired - before;
      const wrong = [...wrongSubscriptions(this.#house, false), ...this.#wrongBudget()];
      if (fired > MOST_TIMERS) wrong.push(`${fired} timers fired in six quiet hours`);
      if (wrong.length > 0) return wrong;
    }
    this.#tidy();
    if (network.lossRate > 0) {
      network.lossRate = 0;
      await this.#calm('lost');
    }
    // What nobody is told of was read meanwhile, and is no event that was missed.
    const found = this.#house.app.state().reconcile.corrections - corrections;
    return [
      ...(isLossless ? wrongToTheEye(this.#house) : []),
      ...(isLossless && found > 0 ? [`${found} corrections while nobody was at home`] : []),
      ...this.#wrongWords(hours),
      ...this.#calendar.wrongAfterQuiet(began),
      ...this.#calendar.wrong(false, false),
    ];
  }

  async #episode(): Promise<string[]> {
    const house = this.#house;
    const chance = this.#chance;
    const drawn = troublesOf(chance);
    const troubles = isHopeless(drawn) ? drawn.slice(0, 1) : drawn;
    const names = troubles.map(({ name }) => name).join(' + ');
    this.#episodes += 1;
    this.#after = `${names}, at ${(house.time.now / DAY_MS).toFixed(3)} days`;
    house.trace.note(house.time.now, `episode ${this.#after}`);
    const corrections = house.app.state().reconcile.corrections;
    await this.#people(chance.integer(2, 8), () => this.#announcers.look());
    for (const trouble of [...troubles].sort(byEnd)) {
      await this.#rightBefore(trouble);
      if (trouble.endsRun) this.#ends.push({ run: house.runs, at: house.time.now });
      await trouble.begin(house, chance);
      await this.#people(chance.integer(1, 8));
    }
    await this.#people(chance.integer(4, 12));
    silence(house.cloud.world);
    this.#announcers.cure();
    for (const trouble of [...troubles].sort(byEnd)) await trouble.end(house, chance);
    await this.#rightAfter();
    const kind = house.cloud.knobs.snapshotOnSubscribe ? worst(troubles) : 'lost';
    await this.#calm(kind);
    const needsLogin = house.app.state().account.status === 'needs_login';
    if (needsLogin && mayLoseTheLogin(troubles, house.spec)) {
      await house.login();
      await this.#calm(kind);
    }
    const wrong = this.#check(kind, troubles, corrections);
    return wrong.length > 0 ? wrong : this.#probe(kind);
  }

  /** People and their programs do so many things, seconds apart. */
  async #people(count: number, look = (): void => {}): Promise<void> {
    const { cloud, time, trace } = this.#house;
    for (let done = 0; done < count; done += 1) {
      if (this.#chance.fraction() < 0.4) this.#clients.send();
      else {
        const deed = act(cloud.world, this.#chance);
        if (deed !== null) trace.note(time.now, deed);
        this.#deeds += 1;
      }
      this.#announce();
      await time.advance(this.#chance.pick([0, 50, 400, 3_000, 20_000]));
      look();
    }
  }

  /** Now and then somebody announces something, or several things at once. */
  #announce(): void {
    if (this.#announcing.fraction() >= SHARE) return;
    for (let left = this.#announcing.pick([1, 1, 2, 4]); left > 0; left -= 1) this.#announcers.act();
  }

  /** As long as it may take until everything is right again. */
  async #calm(kind: Kind): Promise<void> {
    const { time, spec } = this.#house;
    const wait = kind === 'lost' ? 2 * spec.reconcileMinutes * MINUTE_MS + 2 * spec.pollSeconds * 1000 : 0;
    await time.advance(110_000 + wait);
    // One that waits behind others is not worth saying after five minutes.
    for (let waited = 0; waited < 700_000 && hasAnnouncements(this.#house); waited += 10_000)
      await time.advance(10_000);
    await this.#acknowledged();
  }

  /** What is said at this very moment, such as the figures of each minute, is not yet known to have come; what stays so is found. */
  async #acknowledged(): Promise<void> {
    const { app, time } = this.#house;
    for (let waited = 0; waited < 100 && app.mqtt.link.outbox.size.unacknowledged > 0; waited += 10)
      await time.advance(10);
  }

  /** An end of the process is the more telling, the more is just being said. */
  async #rightBefore({ endsRun }: Trouble): Promise<void> {
    if (endsRun !== true || this.#announcing.fraction() < 0.5) return;
    this.#announcers.act();
    await this.#house.time.advance(this.#announcing.pick([2, 10, 40, 100, 3_000]));
  }

  /** Somebody may have waited for the end of the trouble. */
  async #rightAfter(): Promise<void> {
    for (let left = this.#announcing.pick([0, 0, 0, 1, 2]); left > 0; left -= 1) {
      this.#announcers.act();
      await this.#house.time.advance(this.#announcing.pick([0, 20, 300]));
    }
  }

  #check(kind: Kind, troubles: readonly Trouble[], corrections: number): string[] {
    const house = this.#house;
    const { account, reconcile } = house.app.state();
    this.#tidy();
    const wrong = [
      ...(account.status === 'linked' ? [] : [`the account is ${account.status}`]),
      ...wrongTopics(house),
      ...wrongToTheEye(house),
      ...wrongSubscriptions(house, this.#mustBeHeld(kind, troubles)),
      ...wrongSizes(house),
      ...this.#wrongBudget(),
      ...this.#wrongWords(1 + 2 * troubles.length),
      ...this.#wrongSchedules(troubles),
      ...this.#clients.wrong(({ at, run }) => this.#mayBeLost(at, run)),
      ...this.#announcers.wrong({
        ends: this.#ends.map(({ at }) => at),
        wasUnheard: (at) => this.#wasUnheard(at, troubles),
      }),
    ];
    // A position is reckoned by the calendar: where that jumps, a read may find another one.
    // An event that is held back for longer than a read waits for it is overtaken by the read.
    const mayCorrect = troubles.some(
      ({ name, endsRun }) => endsRun || name === 'calendar jumps' || name === 'events out of order',
    );
    if (kind === 'told' && reconcile.corrections !== corrections && !mayCorrect) {
      wrong.push(`${reconcile.corrections - corrections} corrections, though every change was told`);
    }
    house.broker.outages = house.broker.outages.slice(-1);
    this.#ends = [];
    return wrong;
  }

  /** Whether every subscription has to be held: also where Sonos forgot them, once the bridge could see that it did. */
  #mustBeHeld(kind: Kind, troubles: readonly Trouble[]): boolean {
    const { time, wiped, app } = this.#house;
    const found = app.bridge.status().map(({ corrections }) => corrections);
    const couldSee = found.every((corrections, at) => corrections !== wiped.corrections[at]);
    if (kind === 'lost') return couldSee && troubles.every(({ name }) => name === 'subscriptions gone');
    return couldSee || time.now > wiped.at + RENEWAL_MS;
  }

  /** The answer to a command may be lost when the bridge died soon after, or could not be heard for a minute. */
  #mayBeLost(at: number, run: number): boolean {
    const ended = this.#ends.some((end) => end.run === run && end.at < at + 2 * MINUTE_MS);
    const isLong = ({ from, to }: { from: number; to: number }): boolean =>
      to - from > ANSWER_LIFE_MS && from < at + MINUTE_MS && to > at;
    return ended || this.#house.broker.outages.some(isLong);
  }

  /**
   * Whether an announcement's answer may have been given up: the broker was away for long before it can have been over, or
   * it was away and the process that held the answer ended.
   */
  #wasUnheard(at: number, troubles: readonly Trouble[]): boolean {
    const until = at + ANNOUNCEMENT_LIFE_MS;
    const isAway = ({ from, to }: { from: number; to: number }): boolean =>
      to - from > ANSWER_LIFE_MS && from < until && to > at;
    const ended = this.#ends.some((end) => end.at >= at && end.at < until);
    const isBroker = troubles.some((each) => familyOf(each) === 'broker');
    return isBroker && (ended || this.#house.broker.outages.some(isAway));
  }

  /** A calendar that was off, or a disk that did not keep what was done, lets it be done again. */
  #wrongSchedules(troubles: readonly Trouble[]): string[] {
    const families = troubles.map(familyOf);
    const isOff = families.includes('process');
    return this.#calendar.wrong(isOff || families.includes('disk'), isOff);
  }

  #wrongBudget(): string[] {
    const { second, minute, refreshes } = this.#house.network.busiest;
    const { requests_per_minute, requests_per_second } = this.#house.config.sonos;
    return [
      ...(second <= requests_per_second ? [] : [`${second} requests in a second`]),
      ...(minute <= requests_per_minute ? [] : [`${minute} requests in a minute`]),
      // There is one account.
      ...(refreshes <= 1 ? [] : [`${refreshes} refreshes of one token beside each other`]),
    ];
  }

  /** Every kind of trouble is told once for each loss. */
  #wrongWords(most: number): string[] {
    const counts = new Map<string, number>();
    for (const { level, message } of this.#house.said) {
      const kind = message.replace(/\d+/g, 'N');
      if (level !== 'info') counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    this.#house.said = [];
    return [...counts].flatMap(([kind, count]) =>
      count <= most ? [] : [`said ${count} times: ${kind.slice(0, 160)}`],
    );
  }

  /** Hands on what was seen, so that nothing grows over a month. */
  #tidy(): void {
    const { network, broker } = this.#house;
    this.#calls += network.calls.length;
    this.#clients.note(network.calls, broker.taken);
    this.#announcers.note(network.calls, broker.taken);
    network.calls = [];
    broker.taken = [];
  }
}

function worst(troubles: readonly Trouble[]): Kind {
  const kinds = troubles.map(({ kind }) => kind);
  return (['lost', 'told', 'order'] as const).find((kind) => kinds.includes(kind)) ?? 'order';
}
