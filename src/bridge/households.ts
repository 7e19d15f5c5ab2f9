import { Absences } from './absences.ts';
import { type AddressBook, abandoned, aliasFor } from './address-book.ts';
import type { BridgePorts } from './bridge-ports.ts';
import type { CommandError } from './command-error.ts';
import { Forgetting } from './forgetting.ts';
import { Register } from './register.ts';
import { type Household, newHousehold } from './state.ts';

type Ports = Pick<BridgePorts, 'saveBook' | 'clear' | 'show' | 'log' | 'settings' | 'clock'>;

/** The households as they stand now: replaced whole, shown after their addresses are saved. */
export class Households {
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #all = new Map<string, Household>();
  readonly #register: Register;
  readonly #forgetting: Forgetting;
  readonly #absences: Absences;
  /** Those whose account needs a login: nothing that is shown of them can be relied upon. */
  #troubled: ReadonlySet<string> = new Set();

  constructor(ports: Ports, book: AddressBook) {
    this.#aliases = ports.settings.aliases;
    this.#absences = new Absences(ports.clock);
    this.#register = new Register(ports, book, this.#all);
    this.#forgetting = new Forgetting(this.#register, this.#all, (before, after) =>
      this.replace(before, after),
    );
  }

  get all(): readonly Household[] {
    return [...this.#all.values()];
  }

  get(id: string): Household | undefined {
    return this.#all.get(id);
  }

  /** By id or alias. */
  named(word: string): Household | undefined {
    return this.#all.get(word) ?? this.#all.get(this.#register.ownerOf(word) ?? '');
  }

  /** Puts a household's next state in place, and has it shown; new addresses are saved before. */
  replace(before: Household, after: Household): void {
    this.#all.set(after.id, after);
    if (before.rooms === after.rooms) {
      this.#register.show(after);
      return;
    }
    this.#absences.changed(before, after);
    this.#register.changed(after, abandoned(before, after));
  }

  /** Takes a household in under the alias that it had, or gets; true when it is new. A known one may get its name. */
  adopt(id: string, name: string | null): boolean {
    const known = this.#all.get(id);
    if (known !== undefined) {
      if (name !== null && known.name !== name) this.replace(known, { ...known, name });
      return false;
    }
    const remembered = this.#register.remembered(id);
    const isOthers = (alias: string): boolean => (this.#register.ownerOf(alias) ?? id) !== id;
    const alias = aliasFor(this.#aliases.get(id), remembered?.alias, isOthers);
    const before = remembered ?? newHousehold(id, alias, name);
    const household = { ...before, alias, name: name ?? before.name, stale: this.#troubled.has(id) };
    this.#all.set(id, household);
    this.#register.changed(
      household,
      before.alias === alias ? [] : [before.alias, ...abandoned(before, household)],
    );
    return true;
  }

  /** No account has it any more: its topics are cleared, its alias stays its own. */
  drop({ id, alias, rooms }: Household): void {
    this.#all.delete(id);
    const addresses = [...rooms.values()].map((room) => `${alias}/${room.address}`);
    this.#register.changed(null, [alias, ...addresses]);
  }

  /** Clears what the broker may still hold of households that were there in an earlier run and are not any more. */
  clearDormant(): void {
    this.#register.clearDormant();
  }

  /** Puts what a change makes of a household in its place; nothing when no account has it. */
  update(id: string, change: (household: Household) => Household): void {
    const before = this.#all.get(id);
    if (before === undefined) return;
    const after = change(before);
    if (after !== before) this.replace(before, after);
  }

  /** There is reason to doubt what is shown of a household, or no longer. */
  setStale(id: string, isStale: boolean): void {
    const stale = isStale || this.#troubled.has(id);
    this.update(id, (household) => (household.stale === stale ? household : { ...household, stale }));
  }

  /** The households whose account needs a login now; answers with those that no longer do. */
  setTroubled(ids: ReadonlySet<string>): readonly string[] {
    const before = this.#troubled;
    this.#troubled = ids;
    for (const id of ids) this.setStale(id, true);
    return [...before].filter((id) => !ids.has(id));
  }

  /** Forgets what is gone and named; what hinders, or null. */
  forget(word: string): CommandError | null {
    return this.#forgetting.forget(word);
  }

  /** Forgets rooms that have been gone for longer than so many milliseconds. */
  forgetOld(milliseconds: number): void {
    this.#forgetting.forgetOld(milliseconds, (room) => this.#absences.ageOf(room));
  }

  /** Settles when no address waits to be saved. */
  settled(): Promise<void> {
    return this.#register.settled();
  }
}
