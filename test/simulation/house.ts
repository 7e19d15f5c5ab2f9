import { type App, startApp } from '../../src/app/app.ts';
import type { Doors } from '../../src/app/doors.ts';
import { systemDoors } from '../../src/app/doors.ts';
import type { Fields, Log, Random } from '../../src/bridge/ports.ts';
import { ok } from '../../src/bridge/result.ts';
import { type Config, settings } from '../../src/config/schema.ts';
import { createIntake, type Intake } from '../../src/events/intake.ts';
import type { PublicListener, PublicListenerOptions } from '../../src/events/listener.ts';
import type { LogOutput } from '../../src/log.ts';
import type { LogLine } from '../../src/log-lines.ts';
import { createSecrets } from '../../src/secrets.ts';
import type { HeardClip } from '../../src/sim/clip.ts';
import { createSimulatedCloud, type HouseholdSpec, type SimulatedCloud } from '../../src/sim/index.ts';
import type { Knobs } from '../../src/sim/knobs.ts';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { SimulatedBroker } from './broker.ts';
import { SimulatedDisk } from './disk.ts';
import { Network } from './network.ts';
import { SimulatedSpeech } from './speech.ts';
import { Machine, Process, trueClock, VirtualTime } from './time.ts';
import type { Trace } from './trace.ts';

const CLIENT = { clientId: 'simulated-key', clientSecret: 'simulated-secret' };
const REDIRECT_URI = 'https://bridge.example.com/oauth/callback';
const CALLBACK_URL = 'https://bridge.example.com/sonos/events/simulated';

/** What should take seconds has taken two minutes. */
export class Hung extends Error {}

/** Longer than a socket's path may be, so that the lock puts up no sign of life: that would be a real socket. */
const FOLDER = `/simulated/${'x'.repeat(100)}/data`;

/** What kind of house it is. */
export interface HouseSpec {
  readonly seed: number;
  readonly households: readonly HouseholdSpec[];
  readonly knobs: Partial<Knobs>;
  readonly brokerSpeaks: 4 | 5 | null;
  readonly reconcileMinutes: number;
  readonly pollSeconds: number;
  /** Other commands by the calendar than `SCHEDULES`. */
  readonly schedules?: Config['schedules'];
}

/** One line of the log. */
export interface Said {
  readonly at: number;
  readonly level: string;
  readonly message: string;
}

/** One time of a schedule, as the bridge told of it. */
export interface Scheduled {
  readonly at: number;
  readonly isMissed: boolean;
  readonly cron: string;
  readonly due: string;
}

/** Commands by the calendar that change nothing: one to the bridge, one to all rooms. */
export const SCHEDULES = [
  { cron: '30 2 * * *', timezone: 'Europe/Amsterdam', command: 'forget', value: 'nowhere/nobody' },
  {
    cron: '15 */6 * * *',
    timezone: 'America/New_York',
    household: 'home',
    room: 'all',
    command: 'sleep',
    value: 'off',
  },
];

/** The whole house in one process and one thread: a real bridge between a simulated Sonos and a simulated broker. */
export class House {
  readonly spec: HouseSpec;
  readonly time = new VirtualTime();
  readonly machine: Machine;
  readonly disk: SimulatedDisk;
  readonly broker: SimulatedBroker;
  readonly network: Network;
  readonly cloud: SimulatedCloud;
  readonly speech: SimulatedSpeech;
  readonly config: Config;
  readonly trace: Trace;
  /** Lets somebody do something while a trouble comes to its end. */
  meanwhile: () => void = () => {};
  /** Told when a clip begins to sound, and when it ends. */
  onClip: (clip: HeardClip) => void = () => {};
  /** Puts something between the bridge and its doors. */
  wrapDoors: (doors: Doors) => Doors = (doors) => doors;
  /** Whether Sonos ever forgot how many events it had sent: some numbers then look old, and what they are about is read. */
  countersBeganAnew = false;
  /** When Sonos last forgot all subscriptions, and what the bridge had found by itself in each household until then. */
  wiped: { readonly at: number; readonly corrections: readonly number[] } = {
    at: Number.NEGATIVE_INFINITY,
    corrections: [],
  };
  /** What the bridge said since somebody last looked. */
  said: Said[] = [];
  /** What the bridge said of its schedules since somebody last looked. */
  schedules: Scheduled[] = [];
  #process: Process;
  #random: Random;
  #app: App | null = null;
  #intake: Intake | null = null;
  #runs = 0;

  constructor(spec: HouseSpec, trace: Trace) {
    const chance = (part: number): Chance => createChance(spec.seed * 101 + part);
    this.spec = spec;
    this.trace = trace;
    this.machine = new Machine(this.time);
    this.disk = new SimulatedDisk(this.time, chance(1));
    this.broker = new SimulatedBroker(this.time, spec.brokerSpeaks);
    this.network = new Network(
      this.time,
      chance(2),
      () => this.cloud,
      (line) => this.#trace(line),
    );
    this.speech = new SimulatedSpeech(this.time, chance(4));
    this.cloud = createSimulatedCloud({
      clock: trueClock(this.time),
      seed: spec.seed,
      post: (_url, headers, body) => this.#post(headers, body),
      fetchClip: this.speech.fetch,
      onClip: (clip) => this.#heard(clip),
      households: spec.households,
      callbackUrl: CALLBACK_URL,
      knobs: spec.knobs,
      ...CLIENT,
    });
    this.#process = new Process(this.time, this.machine);
    this.#random = randomFrom(chance(3));
    this.config = configOf(spec);
  }

  /** The running bridge; throws when there is none. */
  get app(): App {
    if (this.#app === null) throw new Error('The bridge is not running.');
    return this.#app;
  }

  get isRunning(): boolean {
    return this.#app !== null;
  }

  /** How often it was started. */
  get runs(): number {
    return this.#runs;
  }

  /** Timers of the running bridge. */
  get timers(): number {
    return this.#process.timers;
  }

  get chance(): (part: number) => Chance {
    return (part) => createChance(this.spec.seed * 101 + part);
  }

  /** Starts the bridge; false when it refused. */
  async start(): Promise<boolean> {
    await readBeforehand();
    this.#runs += 1;
    const process = new Process(this.time, this.machine);
    this.#process = process;
    const opening = startApp({
      config: this.config,
      key: { ...CLIENT, redirectUri: REDIRECT_URI },
      log: this.#log(process),
      secrets: createSecrets(),
      clock: process,
      random: this.#random,
      doors: this.wrapDoors(this.#doors(process)),
    });
    const started = opening.then(
      (app) => {
        this.#app = app;
        return true;
      },
      (error: unknown) => {
        this.#say('error', `The bridge did not start: ${String(error)}`);
        process.die();
        return false;
      },
    );
    return this.#settled(started);
  }

  /** A person logs in. */
  async login(): Promise<boolean> {
    const { accounts } = this.app.sonos;
    const state = new URL(accounts.startLogin().url).searchParams.get('state') ?? '';
    const query = new URLSearchParams({
      client_id: CLIENT.clientId,
      response_type: 'code',
      state,
      scope: 'playback-control-all',
      redirect_uri: REDIRECT_URI,
      auto: '1',
    });
    const page = this.cloud.handle({
      method: 'GET',
      path: `/login/v3/oauth?${query}`,
      headers: {},
      body: '',
    });
    const back = new URL(page.headers.Location ?? 'https://nowhere.example.com');
    const given = (name: string): string | undefined => back.searchParams.get(name) ?? undefined;
    const done = accounts.finishLogin({ code: given('code'), state: given('state'), error: given('error') });
    return (await this.#settled(done)).ok;
  }

  /** Kill −9, or the power fails, so that what was not synced is gone. */
  crash({ withPower }: { readonly withPower: boolean }): void {
    this.#trace(withPower ? 'power fails' : 'kill -9');
    this.#process.die();
    this.#app = null;
    this.#intake = null;
    this.broker.processDied();
    if (withPower) this.disk.cut();
  }

  /** SIGTERM: what has not ended in order after five seconds is ended all the same, as the daemon does. */
  async stop(): Promise<void> {
    const { app } = this;
    this.#app = null;
    await this.#passed(app.stop(), 5_000);
    this.#process.die();
    this.#intake = null;
    this.broker.processDied();
  }

  /** What the work comes to; time goes by meanwhile. */
  async #settled<T>(work: Promise<T>): Promise<T> {
    if (!(await this.#passed(work, 120_000))) throw new Hung();
    return work;
  }

  /** Whether the work was done before so much time went by. */
  async #passed(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    void work.then(done, done);
    for (let waited = 0; !isDone && waited < milliseconds; waited += 50) await this.time.advance(50);
    return isDone;
  }

  #doors(process: Process): Doors {
    const look = (pid: number) =>
      pid === this.#runs && process.isAlive ? { started: String(pid) } : ('gone' as const);
    return {
      ...systemDoors,
      createHttp: () => this.network.httpFor(process),
      createOAuth: this.network.oauthFor(process),
      openConnection: this.broker.doorFor(process),
      openSpeech: () => Promise.resolve(ok(this.speech.doorFor(process))),
      disk: this.disk.doorFor(process),
      processes: { pid: this.#runs, boot: 'boot', space: 'space', look },
      createPublicListener: (options) => this.#publicListener(options),
      createPrivateListener: () => ({
        start: () => Promise.resolve(ok({ port: 8788 })),
        stop: () => Promise.resolve(),
      }),
    };
  }

  #publicListener(options: PublicListenerOptions): PublicListener {
    const intake = createIntake(options);
    return {
      start: () => {
        this.#intake = intake;
        return Promise.resolve(ok({ port: 8787 }));
      },
      stop: async () => {
        this.#intake = null;
        await intake.idle();
        intake.close();
      },
      counters: () => ({ ...intake.counters(), connectionsRefused: 0 }),
    };
  }

  /** Sonos knocks; nobody may be there. */
  async #post(headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    const name = `${headers['X-Sonos-Namespace']} ${headers['X-Sonos-Target-Value']}`;
    const intake = this.#intake;
    if (this.network.isDown || this.machine.isAsleep || intake === null) {
      this.#trace(`event ${name} unanswered`);
      throw new Error('Nobody answers.');
    }
    const judged = intake.judge(Object.entries(headers).flat());
    if (judged !== null) intake.take(judged, body);
    this.#trace(`event ${name} ${headers['X-Sonos-Event-Seq-Id']} ${judged === null ? 401 : 200}`);
    return judged === null ? 401 : 200;
  }

  #heard(clip: HeardClip): void {
    const { room, url, appId, outcome } = clip;
    this.#trace(`clip ${url ?? appId} in ${room} ${outcome ?? 'begins'}`);
    this.onClip(clip);
  }

  #log(process: Process): LogOutput {
    const listeners: ((line: LogLine) => void)[] = [];
    const say = (level: string, room: string | null, message: string): void => {
      if (!process.isAlive) return;
      this.#say(level, message);
      if (level !== 'warn' && level !== 'error') return;
      const line = { level, time: new Date(process.now()).toISOString(), room, message, fields: {} };
      for (const listener of listeners) listener(line);
    };
    const scheduled = (message: string, fields: Fields | undefined): void => {
      if (!process.isAlive || !message.startsWith('A schedule ')) return;
      const isMissed = message.includes('missed');
      this.schedules.push({
        at: this.time.now,
        isMissed,
        cron: String(fields?.cron),
        due: String(fields?.due),
      });
    };
    const voice = (room: string | null): Log => ({
      debug: () => {},
      info: (message, fields) => {
        scheduled(message, fields);
        say('info', room, message);
      },
      warn: (message, fields) => {
        scheduled(message, fields);
        say('warn', room, message);
      },
      error: (message) => say('error', room, message),
    });
    return {
      log: voice(null),
      child: voice,
      onLine: (listener) => listeners.push(listener),
      flush: () => Promise.resolve(),
      flushNow: () => {},
      close: () => Promise.resolve(),
    };
  }

  #say(level: string, message: string): void {
    this.said.push({ at: this.time.now, level, message });
    this.#trace(`log ${level} ${message}`);
  }

  #trace(line: string): void {
    this.trace.note(this.time.now, line);
  }
}

/** What the bridge loads only when it needs it takes true time at first, and none of the simulated one. */
async function readBeforehand(): Promise<void> {
  await import('../../src/config/cron.ts');
}

const randomFrom = (chance: Chance): Random => ({
  id: () => chance.text(22),
  fraction: () => chance.fraction(),
});

const configOf = ({ brokerSpeaks, reconcileMinutes, pollSeconds, schedules }: HouseSpec): Config =>
  settings.parse({
    data_dir: FOLDER,
    reconcile_minutes: reconcileMinutes,
    poll_seconds: pollSeconds,
    forget_days: 60,
    sonos: { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uri: REDIRECT_URI },
    callback: { path: '/sonos/events/simulated' },
    schedules: schedules ?? SCHEDULES,
    mqtt: { url: 'mqtt://broker.example.com', protocol: brokerSpeaks ?? 'auto' },
  });
