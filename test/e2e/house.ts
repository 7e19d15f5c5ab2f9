import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { type App, startApp } from '../../src/app/app.ts';
import { keyOf } from '../../src/app/sonos-side.ts';
import type { Clock } from '../../src/bridge/ports.ts';
import { configSecrets } from '../../src/config/config-secrets.ts';
import { type Config, settings } from '../../src/config/schema.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';

/** A message as an observer saw it. */
export interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** Somebody in the house who listens to everything, and can send. */
export class Observer {
  readonly client: MqttClient;
  /** The base topic that it listens to. */
  readonly base: string;
  /** Whether `Seen.retain` is the flag as it was published; under 3.1.1 it only marks what the broker had kept. */
  readonly seesFlags: boolean;
  /** How often its connection ended. */
  closed = 0;
  /** What the broker holds, as far as it was heard. */
  readonly topics = new Map<string, string>();
  readonly messages: Seen[] = [];

  private constructor(client: MqttClient, base: string, seesFlags: boolean) {
    this.client = client;
    this.base = base;
    this.seesFlags = seesFlags;
    client.on('close', () => {
      this.closed += 1;
    });
    client.on('message', (topic, bytes, { retain }) => {
      const payload = bytes.toString();
      this.messages.push({ topic, payload, retain });
      if (payload === '') this.topics.delete(topic);
      else this.topics.set(topic, payload);
    });
  }

  static async connect(port: number, options: IClientOptions = {}, filter = 'sonos/#'): Promise<Observer> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50, ...options });
    const isFive = options.protocolVersion === 5;
    const observer = new Observer(
      client,
      filter.split('/').find((level) => level !== '#') ?? 'sonos',
      isFive,
    );
    if (!client.connected) await new Promise((resolve) => client.once('connect', resolve));
    await client.subscribeAsync(filter, { qos: 1, ...(isFive ? { rap: true } : {}) });
    return observer;
  }

  json(topic: string): Record<string, unknown> {
    return JSON.parse(this.topics.get(topic) ?? '{}');
  }

  async send(
    topic: string,
    payload: string,
    options: Parameters<MqttClient['publishAsync']>[2] = {},
  ): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** The first message that fits, also among those that have come; fails with what came instead. */
  async until(fits: (seen: Seen) => boolean, what: string, since = 0): Promise<Seen> {
    return eventually(
      () => this.messages.slice(since).find(fits),
      what,
      () => this.messages.slice(-12),
    );
  }

  /** Waits until a retained topic holds a value. */
  async holds(topic: string, payload: string | undefined): Promise<void> {
    await eventually(
      () => (this.topics.get(topic) === payload ? true : undefined),
      `${topic} should hold ${payload}`,
      () => [this.topics.get(topic)],
    );
  }

  /** Sends a command with an id, and gives its answers in order, the last one terminal. */
  async command(
    topic: string,
    payload: object | string,
    replyTopic = topic.replace(/\/set(\/.*)?$/, '/reply'),
  ) {
    const id = `e2e-${Math.random().toString(36).slice(2, 10)}`;
    const since = this.messages.length;
    await this.send(
      topic,
      JSON.stringify(typeof payload === 'string' ? { value: payload, id } : { ...payload, id }),
    );
    const answers = (): Record<string, unknown>[] =>
      this.messages
        .slice(since)
        .filter((seen) => seen.topic === replyTopic)
        .map((seen) => JSON.parse(seen.payload) as Record<string, unknown>)
        .filter((reply) => reply.id === id);
    await eventually(
      () => (answers().some((reply) => reply.status !== 'accepted') ? true : undefined),
      `an answer on ${replyTopic}`,
      answers,
    );
    return answers();
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** Waits until there is a value; fails with what was there instead. */
export async function eventually<T>(
  look: () => T | undefined,
  what: string,
  instead: () => unknown,
  patienceMs = 10_000,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`expected ${what}; instead ${JSON.stringify(instead())}`);
    await wait(10);
  }
}

/** A house with everything real in it but the Sonos cloud. */
export interface RunningHouse {
  readonly sonos: SimulatedSonos;
  readonly app: App;
  readonly config: Config;
  readonly folder: string;
  readonly brokerPort: number;
  /** Stops the bridge and starts it again on the same folder, with these settings instead of the earlier ones. */
  restart(changed?: Sections): Promise<App>;
  stop(): Promise<void>;
}

/** Settings by section; a section is merged over the house's own. */
type Sections = Readonly<Record<string, unknown>>;

interface Options {
  /** An own broker's port; without it, the embedded one is used. */
  readonly brokerPort?: number;
  readonly settings?: Sections;
  readonly isLinked?: boolean;
  readonly hasCallback?: boolean;
  readonly sonos?: Partial<Parameters<typeof createSimulatedSonos>[0]>;
  /** The time of the bridge and of Sonos; the machine's unless given. */
  readonly clock?: Clock;
}

/** Links an account as a person would: through the login page, which lets it pass at once. */
export async function linkAccount(app: App, sonos: SimulatedSonos, account = 'account-1'): Promise<void> {
  sonos.knobs.autoApprove = account;
  const { url } = app.sonos.accounts.startLogin();
  const answer = await fetch(url, { redirect: 'manual' });
  const done = await app.sonos.accounts.finishLogin(answer.headers.get('location') ?? '');
  if (!done.ok) throw new Error(done.error.message);
}

const isSection = (value: unknown): value is Sections =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merged = (settings: Sections, changed: Sections): Sections => ({
  ...settings,
  ...Object.fromEntries(
    Object.entries(changed).map(([key, value]) => {
      const before = settings[key];
      return [key, isSection(before) && isSection(value) ? { ...before, ...value } : value];
    }),
  ),
});

/** Waits until every subscription is held and events flow: from then on nothing is found out by reading. */
export async function flowing({ app }: Pick<RunningHouse, 'app'>): Promise<void> {
  await eventually(
    () =>
      app.bridge.status().length > 0 &&
      app.bridge.status().every(({ isSilent, held, wanted }) => !isSilent && held > 0 && held === wanted)
        ? true
        : undefined,
    'flowing events',
    () => app.bridge.status(),
  );
}

/** Whether a topic is one that is never retained: a command, an answer, something that happens. */
export const isPassing = (topic: string): boolean => /\/(set|reply|event)(\/|$)|\/bridge\/log$/.test(topic);

/** Waits until nothing is retained any more at a topic and below it. */
export async function cleared(observer: Observer, topic: string): Promise<void> {
  const left = (): string[] =>
    [...observer.topics.keys()].filter(
      (each) => !isPassing(each) && (each === topic || each.startsWith(`${topic}/`)),
    );
  await eventually(() => (left().length === 0 ? true : undefined), `nothing at ${topic}`, left);
}

/** Starts a simulated Sonos and a bridge beside it. */
export async function startHouse(options: Options = {}): Promise<RunningHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'sonos-bridge-e2e-'));
  const sonos = createSimulatedSonos({
    clock: options.clock ?? systemClock,
    seed: 1,
    port: 0,
    knobs: { bufferMs: 5 },
    ...options.sonos,
  });
  const { apiUrl, loginUrl } = await sonos.start();
  const redirectUri = 'http://localhost:8788/oauth/callback';
  const own: Sections = {
    data_dir: join(folder, 'data'),
    sonos: {
      client_id: sonos.clientId,
      client_secret: sonos.clientSecret,
      redirect_uri: redirectUri,
      api_url: apiUrl,
      login_url: loginUrl,
      // As fast as Sonos lets us, so that a house is up soon.
      requests_per_second: 80,
      requests_per_minute: 1000,
    },
    callback: { host: '127.0.0.1', port: 0 },
    web: { port: 0 },
    broker: { port: 0 },
    speech: { clip_host: '127.0.0.1', clip_port: 0 },
    log: { level: 'warn' },
    mqtt: options.brokerPort === undefined ? {} : { url: `mqtt://127.0.0.1:${options.brokerPort}` },
  };
  let config = settings.parse(merged(own, options.settings ?? {}));
  const logs: Awaited<ReturnType<typeof createLog>>[] = [];
  const start = async (): Promise<App> => {
    const key = keyOf(config);
    if (key === null) throw new Error('the house has no key');
    const secrets = createSecrets();
    for (const secret of configSecrets(config)) secrets.add(secret);
    const log = createLog({ level: config.log.level, secrets, destination: join(folder, 'log') });
    logs.push(log);
    const app = await startApp({ config, key, log, secrets, clock: options.clock ?? systemClock });
    if (options.hasCallback !== false)
      sonos.registerCallback(`http://127.0.0.1:${app.publicPort}${app.callbackPath}`);
    return app;
  };
  let app = await start();
  if (options.isLinked !== false) await linkAccount(app, sonos);
  return {
    sonos,
    get app() {
      return app;
    },
    get config() {
      return config;
    },
    folder,
    get brokerPort() {
      return app.mqtt.broker?.port ?? options.brokerPort ?? 0;
    },
    async restart(changed) {
      await app.stop();
      if (changed !== undefined) config = settings.parse(merged(own, changed));
      app = await start();
      return app;
    },
    async stop() {
      await app.stop();
      for (const log of logs) await log.close();
      await sonos.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
