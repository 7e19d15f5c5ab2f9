import type { Doors } from '../../src/app/doors.ts';
import { err } from '../../src/bridge/result.ts';
import { failure } from '../../src/mqtt/connection-failure.ts';
import type { Disk } from '../../src/store/disk.ts';
import type { VirtualTime } from './time.ts';

/** What a call through a door may do instead of what it should. */
export const SABOTAGES = ['throw', 'reject', 'hang', 'late'] as const;
export type Sabotage = (typeof SABOTAGES)[number];

const LATE_MS = 600_000;
/** The doors to the network have deadlines of their own: the longest thing that they do is not to answer until then. */
const NETWORK_DEADLINE_MS = 10_000;

const broken = (): Error => new Error('sabotage');

/** Spoils one call of all that go through the doors, counted from the start of the house. */
export class Saboteur {
  readonly #time: VirtualTime;
  readonly #at: number;
  readonly #sabotage: Sabotage;
  /** What was called so far, in order. */
  readonly calls: string[] = [];

  /** Nothing is spoilt when `at` is never reached. */
  constructor(time: VirtualTime, at: number, sabotage: Sabotage) {
    this.#time = time;
    this.#at = at;
    this.#sabotage = sabotage;
  }

  wrap(doors: Doors): Doors {
    return {
      ...doors,
      createHttp: (clock) => {
        const http = doors.createHttp(clock);
        const timeout = err({ kind: 'timeout', effect: 'unknown', reason: 'No answer.' } as const);
        return (request) => this.#onNetwork('http', () => http(request), timeout);
      },
      createOAuth: (options) => {
        const oauth = doors.createOAuth(options);
        const timeout = err({ kind: 'unavailable', reason: 'No answer.' } as const);
        return {
          ...oauth,
          exchange: (code) => this.#onNetwork('oauth exchange', () => oauth.exchange(code), timeout),
          refresh: (token) => this.#onNetwork('oauth refresh', () => oauth.refresh(token), timeout),
        };
      },
      openConnection: (options, events) => {
        const spoilt = this.#next('mqtt connect');
        if (spoilt === 'throw') throw broken();
        const connection = doors.openConnection(options, {
          ...events,
          onOpen: (refused) => {
            if (spoilt === null) events.onOpen(refused);
            else if (spoilt === 'late')
              this.#time.after(NETWORK_DEADLINE_MS - 1000, () => events.onOpen(refused));
            else
              this.#time.after(NETWORK_DEADLINE_MS, () => events.onEnd(failure('silent', 'sabotage'), false));
          },
        });
        return {
          ...connection,
          publish: (publication, done) => {
            const spoiltPublish = this.#next('mqtt publish');
            if (spoiltPublish === 'throw') throw broken();
            if (spoiltPublish === 'reject') done('sabotage');
            else if (spoiltPublish === null) connection.publish(publication, done);
            else
              connection.publish(
                publication,
                () => spoiltPublish === 'late' && this.#time.after(LATE_MS, () => done(null)),
              );
          },
        };
      },
      disk: this.#disk(doors.disk),
    };
  }

  #disk(disk: Disk): Disk {
    const act = <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const spoilt = this.#next(`disk ${name}`);
      if (spoilt === 'throw') throw broken();
      if (spoilt === 'reject') return Promise.reject(Object.assign(broken(), { code: 'EIO' }));
      if (spoilt === 'hang') return new Promise(() => {});
      return spoilt === 'late' ? this.#time.pause(LATE_MS).then(work) : work();
    };
    return {
      makeFolder: (path) => act('makeFolder', () => disk.makeFolder(path)),
      look: (path) => act('look', () => disk.look(path)),
      tighten: (path, mode) => act('tighten', () => disk.tighten(path, mode)),
      list: (folder) => act('list', () => disk.list(folder)),
      read: (path, limit) => act('read', () => disk.read(path, limit)),
      create: (path, bytes) => act('create', () => disk.create(path, bytes)),
      link: (from, to) => act('link', () => disk.link(from, to)),
      rename: (from, to) => act('rename', () => disk.rename(from, to)),
      remove: (path) => act('remove', () => disk.remove(path)),
      sync: (folder) => act('sync', () => disk.sync(folder)),
    };
  }

  #onNetwork<T, E extends T>(name: string, work: () => Promise<T>, timeout: E): Promise<T> {
    const spoilt = this.#next(name);
    if (spoilt === 'throw') throw broken();
    if (spoilt === 'reject') return Promise.reject(broken());
    if (spoilt === 'hang') return this.#time.pause(NETWORK_DEADLINE_MS).then(() => timeout);
    return spoilt === 'late' ? this.#time.pause(NETWORK_DEADLINE_MS - 1000).then(work) : work();
  }

  /** Counts a call; how it is spoilt, or null. */
  #next(name: string): Sabotage | null {
    this.calls.push(name);
    return this.calls.length === this.#at ? this.#sabotage : null;
  }
}
