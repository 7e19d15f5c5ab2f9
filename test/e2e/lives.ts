import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { freePort } from '../support/ports.ts';
import type { DiaryBroker } from './broker-diary.ts';
import { expectContract } from './contract.ts';
import {
  type End,
  linkInBrowser,
  openPlace,
  openWire,
  type Place,
  type Program,
  type Wire,
} from './daemon.ts';
import { eventually, Observer } from './house.ts';
import { addressOf, liesOf } from './lies.ts';
import { type Life, lifeOf } from './watchdog.ts';

const CALLBACK_PATH = '/sonos/events/lives-0123456789';
const SETTLED_WITHIN_MS = 20_000;
/** What an orderly end leaves in the data folder. */
const DOCUMENT = /^([a-z-]+\.json(\.good)?|clips)$/;
/** A call that does something in the house. */
const DEED = /\/(playback|playbackMetadata|groupVolume|playerVolume|groups|favorites|playlists)(\/|$)/;

const reply = z.object({ id: z.string(), status: z.string() });
const accounts = z.object({
  accounts: z.array(z.object({ id: z.string(), households: z.array(z.string()) })),
});

/** How a life came to be over. */
export interface Circumstances {
  readonly signal: NodeJS.Signals;
  readonly isAskedTwice: boolean;
  /** Whether the broker could not be told. */
  readonly isBrokerLost: boolean;
}

interface Parts {
  readonly broker: DiaryBroker;
  readonly place: Place;
  readonly wire: Wire;
  readonly observer: Observer;
}

/** One household at a broker of the house, through as many lives of the daemon as are needed. */
export class Lives {
  readonly place: Place;
  readonly wire: Wire;
  readonly observer: Observer;
  readonly #broker: DiaryBroker;
  #daemon: Program | null = null;
  /** The ids of the commands that were sent in this life. */
  #sent: { readonly id: string; readonly command: string }[] = [];
  #bornAt = 0;
  #diaryFrom = 0;
  #keptBefore: string[] = [];

  private constructor({ broker, place, wire, observer }: Parts) {
    this.#broker = broker;
    this.place = place;
    this.wire = wire;
    this.observer = observer;
  }

  static async open(base: string, broker: DiaryBroker): Promise<Lives> {
    const { port } = broker;
    const [wire, callbackPort] = [await openWire(port), await freePort()];
    const place = await openPlace({
      mqtt: { url: `mqtt://127.0.0.1:${wire.port}`, base_topic: base, client_id: base },
      callback: { host: '127.0.0.1', port: callbackPort, path: CALLBACK_PATH },
    });
    const { sonos } = place;
    sonos.registerCallback(`http://127.0.0.1:${callbackPort}${CALLBACK_PATH}`);
    Object.assign(sonos.knobs, {
      ...{ quotaPerMinute: 1_000_000, spikePerSecond: 1_000_000 },
      // A refresh token that was used is dead; and nothing that was told to a dead daemon comes late to the next.
      ...{ refreshTokens: 'rotating', rotationGraceSeconds: 0, retries: 0 },
    });
    sonos.world.playPlaylist('Office', 'Everything Slow');
    const observer = await Observer.connect(port, { protocolVersion: 5 }, `${base}/#`);
    return new Lives({ broker, place, wire, observer });
  }

  get daemon(): Program {
    if (this.#daemon === null) throw new Error('there is no life yet');
    return this.#daemon;
  }

  /** A new life begins; nothing is waited for but the process. */
  async begin(): Promise<void> {
    this.#sent = [];
    this.#diaryFrom = this.#broker.size();
    this.#bornAt = Date.now();
    this.#keptBefore = this.#kept();
    this.observer.messages.length = 0;
    this.#daemon = await this.place.start();
  }

  /** Forgets everything that the last life kept. */
  wipe(): void {
    rmSync(join(this.place.folder, 'data'), { recursive: true, force: true });
  }

  /** Sends a command, and does not wait for anything. */
  send(room: string, command: string, value?: unknown): void {
    const id = `c-${this.#sent.length}-${this.#bornAt}`;
    this.#sent.push({ id, command });
    const payload = JSON.stringify({ id, ...(value === undefined ? {} : { value }) });
    this.observer
      .send(`${this.observer.base}/home/${addressOf(room)}/set/${command}`, payload)
      .catch(() => {});
  }

  /** Links the account when it is not, as only one who never finished a login must. */
  async login(): Promise<void> {
    await this.daemon.runs();
    if ((await this.#metric('account_linked')) !== 1) await linkInBrowser(this.place.page);
  }

  /** Waits until the bridge is linked, all subscriptions are held and the retained topics say what is true at Sonos. */
  async settle(): Promise<void> {
    await this.daemon.runs();
    const end = performance.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const linked = await this.#metric('account_linked');
      const [wanted, held] = [
        await this.#metric('subscriptions_wanted'),
        await this.#metric('subscriptions_held'),
      ];
      if (linked === 1 && wanted > 0 && wanted === held) break;
      if (performance.now() > end)
        throw new Error(`expected a settled bridge; instead linked ${linked}, ${held} of ${wanted} held`);
      await wait(20);
    }
    const lies = (): string[] => liesOf(this.place.sonos, this.observer);
    await eventually(() => (lies().length === 0 ? true : undefined), 'the truth', lies, SETTLED_WITHIN_MS);
    // Nothing of an earlier life's commands is carried out again.
    const deeds = this.place.sonos.requests.filter(
      ({ at, method, path }) =>
        at >= this.#bornAt && method === 'POST' && DEED.test(path) && !path.endsWith('/subscription'),
    );
    expect(deeds).toEqual([]);
  }

  look(): Promise<Life> {
    const { observer, place } = this;
    const { page, sonos } = place;
    return lifeOf({ page, observer, sonos, hasEnded: () => this.daemon.hasEnded });
  }

  /** The accounts on the disk, without their tokens. */
  linked(): z.output<typeof accounts>['accounts'] {
    if (!existsSync(join(this.place.folder, 'data/accounts.json'))) return [];
    return accounts.parse(this.place.kept('accounts')).accounts;
  }

  /** Holds the end of a life against what is promised of it, once the broker is to be reached again. */
  async inspect(end: End & { readonly milliseconds: number }, how: Circumstances): Promise<void> {
    const isStillborn = end.signal === how.signal && this.daemon.said === '';
    if (isStillborn) expect(this.#kept()).toEqual(this.#keptBefore);
    else {
      const way = `exit code ${end.code}, signal ${end.signal}`;
      expect(way).toMatch(how.isAskedTwice ? /^exit code [01], / : /^exit code 0, /);
      expect(end.milliseconds).toBeLessThan(5_000);
    }
    await this.observer.holds(`${this.observer.base}/bridge/availability`, 'offline');
    if (end.code === 0) {
      expect(this.#kept().filter((name) => !DOCUMENT.test(name))).toEqual([]);
      if (!how.isBrokerLost) await this.#expectGoodbye();
    }
    this.#expectAnswers(end.code === 0 && !how.isBrokerLost);
    if (this.observer.messages.length > 0) expectContract(this.observer);
  }

  async leave(): Promise<void> {
    await this.place.leave();
    await this.observer.end();
    await this.wire.close();
  }

  #kept(): string[] {
    const folder = join(this.place.folder, 'data');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  async #metric(name: string): Promise<number> {
    const answer = await fetch(new URL('/metrics', this.place.page));
    const text = await answer.text();
    return Number(new RegExp(`^sonos_bridge_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** The broker was told `offline` by us, then left: with a will there would be no DISCONNECT. */
  async #expectGoodbye(): Promise<void> {
    const [online, offline] = ['online', 'offline'].map(({ length }) => String(length));
    const saidAll = (): string[] =>
      this.#broker.saidBy(this.observer.base, `${this.observer.base}/bridge/availability`, this.#diaryFrom);
    if (online === undefined || !saidAll().includes(online)) return;
    const said = (): string[] => saidAll().slice(saidAll().lastIndexOf(online) + 1);
    await eventually(() => (said().join() === `${offline},DISCONNECT` ? true : undefined), 'a goodbye', said);
  }

  /** Who was told `accepted` is told how it ended, once; and nothing is done more often than it was asked for. */
  #expectAnswers(isComplete: boolean): void {
    const replies = this.observer.messages
      .filter(({ topic }) => topic.endsWith('/reply'))
      .map(({ payload }) => reply.parse(JSON.parse(payload)));
    for (const { id, command } of this.#sent) {
      const said = replies.filter((each) => each.id === id).map(({ status }) => status);
      const what = `${command} ${id}: ${said.join(', then ')}`;
      if (isComplete) expect(what).toMatch(/: (accepted, then )?(confirmed|failed|unconfirmed)$|: $/);
      expect(said.filter((status) => status === 'accepted').length, what).toBeLessThanOrEqual(1);
    }
    const skips = this.place.sonos.requests.filter(
      ({ at, path, status }) => at >= this.#bornAt && path.endsWith('/skipToNextTrack') && status === 200,
    );
    expect(skips.length).toBeLessThanOrEqual(this.#sent.filter(({ command }) => command === 'next').length);
  }
}
