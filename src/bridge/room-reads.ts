import { type CommandError, fromSonos } from './command-error.ts';
import type { CommandSpec } from './command-spec.ts';
import { isDenied, type Reads } from './reads.ts';
import type { SonosError } from './sonos.ts';
import { type Household, type Seat, withPresumed } from './state.ts';
import { readable, readsOfRoom, untoldKeys } from './wanted.ts';
import type { Watch } from './witness.ts';

interface Ports {
  readonly reads: Reads;
  readonly household: (id: string) => Household | undefined;
  /** Reads who plays with whom; what went wrong, or null. */
  readonly readTopology: (household: string) => Promise<SonosError | null>;
  /** Everything that would show an effect was read. */
  readonly looked: (household: string) => void;
  /** A household has slices that are only presumed now: they are to be read. */
  readonly presume: (before: Household, after: Household) => void;
}

/** Reads what a command needs: a list to look a name up in, the evidence of an effect, or a whole room. */
export class RoomReads {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Reads a household's list. */
  async list(household: Household, namespace: string): Promise<void> {
    const reads = readable(household).filter((each) => each.namespace === namespace);
    await Promise.all(reads.map((read) => this.#ports.reads.read(household.id, read, 'command')));
  }

  /** Reads what would show a command's effect. */
  async look({ household: id, playerId, spec }: Watch): Promise<void> {
    const household = this.#ports.household(id);
    if (household === undefined) return;
    const reads = readsOfRoom(household, playerId).filter((read) => spec.reads.includes(read.namespace));
    await Promise.all(reads.map((read) => this.#ports.reads.read(id, read, 'command')));
    this.#ports.looked(id);
  }

  /** Sonos carried a command out, or may have: what no event will tell of that is read, and no earlier answer counts. */
  mayHaveChanged({ household: { id }, player }: Seat, { reads }: CommandSpec): void {
    const household = this.#ports.household(id);
    const keys = household === undefined ? [] : untoldKeys(household, player.id, reads);
    if (household === undefined || keys.length === 0) return;
    for (const key of keys) this.#ports.reads.heard(id, key);
    this.#ports.presume(household, withPresumed(household, keys));
  }

  /** Reads a room's whole state; what went wrong, or null. */
  async refresh(id: string, playerId: string): Promise<CommandError | null> {
    const failed = await this.#ports.readTopology(id);
    if (failed !== null) return fromSonos(failed);
    const household = this.#ports.household(id);
    const all = household === undefined ? [] : readsOfRoom(household, playerId);
    const reads = all.filter((read) => read.namespace !== 'groups');
    const failures = await Promise.all(
      reads.map(async (read) => {
        const outcome = await this.#ports.reads.read(id, read, 'command');
        return outcome.ok || isDenied(read, outcome.error) ? null : fromSonos(outcome.error);
      }),
    );
    return failures.find((failure) => failure !== null) ?? null;
  }
}
