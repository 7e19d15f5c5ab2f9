import {
  type AddressBook,
  bookOf,
  type HouseholdRecord,
  householdFrom,
  householdRecordOf,
} from './address-book.ts';
import type { BridgePorts } from './bridge-ports.ts';
import type { Household } from './state.ts';

type Ports = Pick<BridgePorts, 'saveBook' | 'clear' | 'show'>;

/**
 * Who has which address: remembered before anything is shown under it, so that no crash leaves a topic of which
 * nobody knows. Addresses that lost their meaning are remembered until their topics are cleared at the broker.
 */
export class Register {
  readonly #ports: Ports;
  readonly #households: ReadonlyMap<string, Household>;
  /** What is remembered, by household id. */
  readonly #records: Map<string, HouseholdRecord>;
  /** Whose an alias is, by alias. */
  readonly #owners = new Map<string, string>();
  readonly #retired: Set<string>;
  #saving: Promise<void> | null = null;
  #isDirty = false;
  readonly #unshown = new Set<string>();

  constructor(ports: Ports, book: AddressBook, households: ReadonlyMap<string, Household>) {
    this.#ports = ports;
    this.#records = new Map(Object.entries(book.households));
    for (const [id, { alias }] of this.#records) this.#owners.set(alias, id);
    this.#households = households;
    this.#retired = new Set(book.retired);
  }

  /** The household as it is remembered; null when it never was seen. */
  remembered(id: string): Household | null {
    const record = this.#records.get(id);
    return record === undefined ? null : householdFrom(id, record);
  }

  /** The household that has an alias, or had it when an account last had the household; null when it is free. */
  ownerOf(alias: string): string | null {
    return this.#owners.get(alias) ?? null;
  }

  /** Remembered households that no account has any more, with every address that was theirs. */
  dormant(): { readonly id: string; readonly alias: string; readonly addresses: readonly string[] }[] {
    return [...this.#records]
      .filter(([id]) => !this.#households.has(id))
      .map(([id, { alias, rooms }]) => {
        const addresses = Object.values(rooms).map((room) => `${alias}/${room.address}`);
        return { id, alias, addresses: [alias, ...addresses] };
      });
  }

  /** Clears what the broker may still hold of households that no account has any more. */
  clearDormant(): void {
    const addresses = this.dormant().flatMap((household) => household.addresses);
    if (addresses.length > 0) this.changed(null, addresses);
  }

  /** Forgets a household that no account has any more. */
  forget({ id, alias }: { readonly id: string; readonly alias: string }): void {
    this.#owners.delete(alias);
    this.#records.delete(id);
    this.#save();
  }

  /** Shows a household; while addresses are being saved, as soon as they are. */
  show(household: Household): void {
    if (this.#saving === null) this.#ports.show(household);
    else this.#unshown.add(household.id);
  }

  /** The addresses changed: they are saved, then shown, then those that lost their meaning are cleared. */
  changed(household: Household | null, retired: readonly string[]): void {
    for (const address of retired) this.#retired.add(address);
    if (household !== null) this.#remember(household);
    this.#save();
    if (household !== null) this.show(household);
  }

  /** Settles when nothing is left to be saved. */
  async settled(): Promise<void> {
    while (this.#saving !== null) await this.#saving;
  }

  #remember(household: Household): void {
    const { id, alias } = household;
    const before = this.#records.get(id)?.alias;
    if (before !== undefined && this.#owners.get(before) === id) this.#owners.delete(before);
    this.#owners.set(alias, id);
    this.#records.set(id, householdRecordOf(household));
  }

  #save(): void {
    this.#isDirty = true;
    this.#saving ??= this.#saveAll();
  }

  /** The book as it is to be saved; an address that is somebody's again is not retired any more. */
  #book(): AddressBook {
    for (const { alias, rooms } of this.#households.values()) {
      this.#retired.delete(alias);
      for (const room of rooms.values()) this.#retired.delete(`${alias}/${room.address}`);
    }
    return bookOf(this.#records, this.#retired);
  }

  async #saveAll(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      // The house goes on from memory: the store tells of a disk that refuses, once, and tries again by itself.
      await this.#ports.saveBook(this.#book()).catch(() => {});
    }
    this.#saving = null;
    const shown = [...this.#unshown].flatMap((id) => this.#households.get(id) ?? []);
    this.#unshown.clear();
    for (const household of shown) this.#ports.show(household);
    void this.#clear();
  }

  async #clear(): Promise<void> {
    const addresses = [...this.#retired];
    if (addresses.length === 0) return;
    await this.#ports.clear(addresses);
    const cleared = addresses.filter((address) => this.#retired.delete(address));
    if (cleared.length > 0) this.#save();
  }
}
