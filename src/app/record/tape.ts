import type { BridgeRequest } from '../../bridge/bridge-commands.ts';
import type { CommandRequest } from '../../bridge/intake.ts';
import type { Clock, Random } from '../../bridge/ports.ts';
import type { Reply } from '../../bridge/replies.ts';
import type { Json, SendCall } from '../../bridge/sonos.ts';
import type { Sounds } from '../../bridge/sounds.ts';
import type { Config } from '../../config/schema.ts';
import type { Envelope } from '../../events/parse.ts';
import type { LogOutput } from '../../log.ts';
import type { Outbox } from '../../mqtt/outbox.ts';
import type { Secrets } from '../../secrets.ts';
import type { Accounts } from '../../sonos/accounts.ts';
import { documentsOf, type MiddleMemory } from '../middle-memory.ts';
import { version } from '../version.ts';
import { FORMAT } from './lines.ts';
import type { Making, Moment } from './making.ts';
import { openRecordFile, type RecordFile } from './record-file.ts';
import { recordedSettings } from './record-settings.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import { seededChance } from './seeded-chance.ts';
import { publicWords } from './vocabulary.ts';
import { watchedSounds } from './watched-sounds.ts';
import { bodyOf, payloadOf, publishedAs, round } from './written.ts';

/** What the recorder needs of the house. */
export interface TapeOptions {
  readonly config: Config;
  readonly path: string;
  readonly memory: MiddleMemory;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogOutput;
}

const MEGABYTE = 1_000_000;
const LARGEST_SEED = 2 ** 32;
/** Of an id that the house makes up for a command, so much is used. */
const SHOWN_ID = 10;

/** Writes down what comes into the house, what it asks and hears of Sonos, and what it shows; see docs/record-and-replay.md. */
export class Tape {
  readonly #options: TapeOptions;
  readonly #redaction: Redaction;
  readonly #since: number;
  readonly #seed: number;
  readonly #published = new Map<string, string>();
  #file: RecordFile | null = null;

  constructor(options: TapeOptions) {
    this.#options = options;
    this.#redaction = createRedaction({
      withNames: options.config.record.names,
      clean: options.secrets.clean,
      publicWords: publicWords(),
    });
    this.#since = options.clock.elapsed();
    this.#seed = Math.floor(options.random.fraction() * LARGEST_SEED);
  }

  /** Opens the file, and writes what the house begins with. */
  async open(): Promise<void> {
    const { config, path, memory, clock, log } = this.#options;
    this.#file = await openRecordFile({
      ...{ path, clock, log: log.child('record') },
      maxBytes: config.record.max_megabytes * MEGABYTE,
      lastLine: this.#timed(() => ({ line: 'end', because: 'full' })),
    });
    this.#add((redaction) => ({
      line: 'record',
      format: FORMAT,
      bridge: version,
      node: process.version,
      started: new Date(clock.now()).toISOString(),
      seed: this.#seed,
      with_names: config.record.names,
      settings: recordedSettings(config, redaction),
    }));
    const documents = documentsOf(memory);
    this.#add((redaction) => ({
      line: 'memory',
      documents: Object.fromEntries(
        Object.entries(documents).map(([name, value]) => [name, redaction.value(value)]),
      ),
    }));
    log
      .child('record')
      .info('What happens is recorded.', { file: path, names: config.record.names ? 'kept' : 'replaced' });
  }

  /** The same chance with its ids written down; other chances follow from the header's seed. */
  random(random: Random): Random {
    return {
      fraction: seededChance(this.#seed),
      id: () => {
        const id = random.id();
        this.#add((redaction) => ({ line: 'id', id: redaction.id(id.slice(0, SHOWN_ID)) }));
        return id;
      },
    };
  }

  /** Notes the accounts now and whenever they change; call it before anybody else listens. */
  accounts(accounts: Pick<Accounts, 'list' | 'onChange'>): void {
    let last = '';
    const note = (): void => {
      const list = accounts.list().map(({ id, status, households }) => ({ id, status, households }));
      const now = JSON.stringify(list);
      if (now === last) return;
      last = now;
      this.#add((redaction) => ({
        line: 'accounts',
        accounts: list.map(({ id, status, households }) => ({
          ...{ id: redaction.id(id), status },
          households: households.map((each) => redaction.id(each)),
        })),
      }));
    };
    accounts.onChange(note);
    note();
  }

  event({ headers, body }: Envelope): void {
    const { household, namespace, type, targetType, target, sequence } = headers;
    this.#add((redaction) => ({
      line: 'event',
      household: redaction.id(household),
      ...{ namespace, type, target_type: targetType },
      target: redaction.id(target),
      sequence,
      ...bodyOf(body, redaction),
    }));
  }

  lost(): void {
    this.#add(() => ({ line: 'lost' }));
  }

  command(request: CommandRequest): void {
    this.#command(request.household, request.room, request);
  }

  bridgeCommand(request: BridgeRequest): void {
    this.#command(null, null, request);
  }

  replied(reply: Reply): void {
    this.#add((redaction) => ({
      line: 'reply',
      reply: redaction.value(reply) as { [key: string]: Json },
    }));
  }

  /** The same way to Sonos, with every call written down when it is answered. */
  calling(send: SendCall): SendCall {
    return async (call) => {
      const { clock } = this.#options;
      const sent = clock.elapsed();
      const at = clock.now();
      const answer = await send(call);
      const ms = round(clock.elapsed() - sent);
      this.#write({ t: round(sent - this.#since), at }, (redaction) => ({
        line: 'call',
        ms,
        household: redaction.id(call.household),
        method: call.method,
        path: redaction.path(call.path),
        ...(call.body === undefined ? {} : { body: redaction.value(call.body) }),
        ...(answer.ok
          ? { answer: redaction.value(answer.value ?? null) }
          : {
              error: {
                ...answer.error,
                reason: answer.error.reason === null ? null : redaction.text(answer.error.reason),
              },
            }),
      }));
      return answer;
    };
  }

  /** The same sounds, with what became of each, and who came for it. */
  sounds(sounds: Sounds): Sounds {
    return watchedSounds(sounds, this.#options.clock, {
      moment: () => this.#moment(),
      write: (moment, line) => this.#write(moment, line),
    });
  }

  /** The same outbox, with every new value of a retained topic of a household written down. */
  outbox(outbox: Outbox): Outbox {
    return {
      repeat: (isFirst) => outbox.repeat(isFirst),
      send: (message) => outbox.send(message),
      whenRoom: (work) => outbox.whenRoom(work),
      retain: (topic, payload) => {
        this.#publish(topic, payload);
        outbox.retain(topic, payload);
      },
      clear: (topics) => {
        const list = [...topics];
        for (const topic of list) this.#publish(topic, '');
        return outbox.clear(list);
      },
    };
  }

  async stop(): Promise<void> {
    await this.#file?.close(this.#timed(() => ({ line: 'end', because: 'stopped' })));
  }

  #command(household: string | null, room: string | null, request: CommandRequest | BridgeRequest): void {
    const { command, payload, retained, expirySeconds } = request;
    this.#add((redaction) => ({
      line: 'command',
      household: household === null ? null : redaction.address(household),
      room: room === null ? null : redaction.address(room),
      command: command === null ? null : redaction.text(command),
      ...payloadOf(payload, redaction),
      ...{ retained, expiry_seconds: expirySeconds },
    }));
  }

  #publish(topic: string, payload: string): void {
    const below = topic.slice(this.#options.config.mqtt.base_topic.length + 1);
    if (below.startsWith('bridge/') || (this.#published.get(topic) ?? '') === payload) return;
    this.#published.set(topic, payload);
    this.#add((redaction) => ({ line: 'publish', ...publishedAs(below, payload, redaction) }));
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { t: round(clock.elapsed() - this.#since), at: clock.now() };
  }

  #add(line: Making): void {
    this.#write(this.#moment(), line);
  }

  #write(moment: Moment, line: Making): void {
    this.#file?.add(() => this.#text(moment, line));
  }

  /** A line as it is written. Whatever the redaction left of a secret goes, and the line with it when it cannot be read then. */
  #text({ t, at }: Moment, make: Making): string {
    const { line, ...rest } = make(this.#redaction);
    const text = JSON.stringify({ line, t, at, ...rest });
    const cleaned = this.#options.secrets.clean(text);
    if (cleaned === text) return text;
    try {
      JSON.parse(cleaned);
      return cleaned;
    } catch {
      return JSON.stringify({ line: 'withheld', t, at, was: line });
    }
  }

  #timed = (line: Making) => (): string => this.#text(this.#moment(), line);
}
