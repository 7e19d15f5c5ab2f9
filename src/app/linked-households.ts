import type { Bridge } from '../bridge/bridge.ts';
import { householdsBody } from '../bridge/namespaces/households.ts';
import type { Cancel, Clock } from '../bridge/ports.ts';
import type { SendCall } from '../bridge/sonos.ts';
import type { Accounts } from '../sonos/accounts.ts';

/** Households are named anew seldom. */
const NAMES_EVERY_MS = 24 * 3_600_000;
const RETRY_MS = 300_000;

interface Options {
  readonly accounts: Pick<Accounts, 'households' | 'list'>;
  readonly bridge: Bridge;
  readonly send: SendCall;
  readonly clock: Clock;
  /** Households that the settings tell to leave alone. */
  readonly ignored: ReadonlySet<string>;
}

/** Keeps the bridge's households to what the accounts have, and learns their names. */
export class LinkedHouseholds {
  readonly #options: Options;
  readonly #names = new Map<string, string | null>();
  #timer: Cancel = () => {};
  #isStopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    this.changed();
    this.#learnSoon(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer();
  }

  /** The accounts changed. */
  changed(): void {
    const isNew = this.#ids().some((id) => !this.#names.has(id));
    for (const id of this.#ids()) if (!this.#names.has(id)) this.#names.set(id, null);
    this.#tell();
    if (isNew) this.#learnSoon(0);
  }

  #ids(): string[] {
    return this.#options.accounts.households().filter((id) => !this.#options.ignored.has(id));
  }

  #tell(): void {
    const { accounts, bridge } = this.#options;
    const locked = accounts.list().filter((account) => account.status === 'needs_login');
    bridge.setTroubled(new Set(locked.flatMap((account) => account.households)));
    bridge.setHouseholds(this.#ids().map((id) => ({ id, name: this.#names.get(id) ?? null })));
  }

  #learnSoon(wait: number): void {
    this.#timer();
    if (!this.#isStopped) this.#timer = this.#options.clock.after(wait, () => void this.#learnNames());
  }

  async #learnNames(): Promise<void> {
    const { accounts } = this.#options;
    const learned = await Promise.all(
      accounts.list().map((account) => this.#readNames(account.households[0])),
    );
    for (const [id, name] of learned.flatMap((names) => names ?? [])) {
      if (this.#names.has(id)) this.#names.set(id, name);
    }
    if (!this.#isStopped) this.#tell();
    this.#learnSoon(learned.includes(null) ? RETRY_MS : NAMES_EVERY_MS);
  }

  /** Names by id; null when they could not be read. */
  async #readNames(household: string | undefined): Promise<[string, string | null][] | null> {
    if (household === undefined) return [];
    const call = {
      method: 'GET',
      path: '/households',
      household,
      priority: 'housekeeping',
      repeatable: true,
    } as const;
    const answer = await this.#options.send(call);
    const body = answer.ok ? householdsBody.safeParse(answer.value) : null;
    return body?.success ? body.data.households.items.map(({ id, name }) => [id, name]) : null;
  }
}
