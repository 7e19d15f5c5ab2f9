import { type CommandError, commandError } from '../command-error.ts';
import type { CommandSpec } from '../command-spec.ts';
import type { Happening } from '../namespaces/define.ts';
import type { Clock, Random } from '../ports.ts';
import { type Ask, lateness, type Outcome, type Reply, type Status } from '../replies.ts';
import { err, ok, type Result } from '../result.ts';
import type { Household, Room } from '../state.ts';
import type { UrlPolicy } from '../url-policy.ts';
import { appended, cleared, insertedNext, type Queue, type QueueTrack, shuffled } from './queue.ts';
import { loadQueue, NO_QUEUE, refreshQueue, suspendQueue } from './queue-calls.ts';
import type { Gathered, PlayReport, QueueBook, QueueSupply } from './queue-ports.ts';
import { QueueProgress } from './queue-progress.ts';
import { newRecord, type QueueRecord } from './queue-record.ts';
import { QueueShelf } from './queue-shelf.ts';
import type { QueueWish } from './queue-wish.ts';

/** What queues need of the rest of the house. */
export interface CloudQueuePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly supply: QueueSupply;
  readonly policy: UrlPolicy;
  readonly household: (id: string) => Household | undefined;
  readonly settle: (ask: Ask, status: Status, outcome?: Outcome) => void;
  /** Carries a call out in the group's turn. */
  readonly carry: (
    household: Household,
    room: Room,
    spec: CommandSpec,
    record: QueueRecord,
  ) => Promise<Reply>;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
  /** A player has come for something: what waits for evidence may look again. */
  readonly looked: (household: string) => void;
}

/** What came of a wish. */
type Told = { readonly status: Status; readonly outcome: Outcome };

const failed = (error: CommandError): Told => ({ status: 'failed', outcome: { error } });

/** So many of what was left out are named. */
const MOST_NAMED = 20;

const resultOf = (queue: Queue, { tracks, leftOut }: Gathered): NonNullable<Outcome['result']> => ({
  items: queue.items.length,
  added: tracks.length,
  left_out: leftOut.slice(0, MOST_NAMED).map((each) => ({ ...each })),
  left_out_count: leftOut.length,
});

const NOTHING: Gathered = { tracks: [], leftOut: [] };

const told = ({ status, error }: Reply, result: NonNullable<Outcome['result']>): Told => ({
  status,
  outcome: { ...(error === undefined ? {} : { error }), result },
});

/** The queues that groups play from us: what is asked of them, and what players say of them. */
export class CloudQueues {
  readonly #ports: CloudQueuePorts;
  readonly #shelf = new QueueShelf();
  readonly #progress: QueueProgress;
  /** What a room's group is asked is done one after another, by player id of the coordinator. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(ports: CloudQueuePorts) {
    this.#ports = ports;
    this.#progress = new QueueProgress(ports);
  }

  /** The queues as their server sees them. */
  readonly book: QueueBook = {
    find: (key) => this.#shelf.find(key),
    endingIn: (path) => this.#shelf.endingIn(path),
    told: (key, version) => {
      const record = this.#shelf.record(key);
      if (record === undefined) return;
      record.told = Math.max(record.told, version);
      this.#ports.looked(record.household);
    },
    reported: (key, reports: readonly PlayReport[]) => {
      const record = this.#shelf.record(key);
      if (record !== undefined) for (const report of reports) this.#progress.reported(record, report);
    },
  };

  /** What is wrong with a wish, as far as it can be told at once; null when nothing is. */
  objection(wish: QueueWish): CommandError | null {
    for (const { url } of wish.items) {
      const allowed = this.#ports.policy(url);
      if (!allowed.ok) return allowed.error;
    }
    return this.#ports.supply.objection(wish);
  }

  /** Takes a wish for some rooms: each of their groups is asked once. */
  take(household: Household, wish: QueueWish, asks: ReadonlyMap<Room, Ask>): void {
    const groups = new Map<string, { readonly room: Room; readonly asks: Ask[] }>();
    for (const [room, ask] of asks) {
      const group = household.topology?.groupByPlayer.get(room.playerId);
      const key = group?.coordinatorId ?? room.playerId;
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { room, asks: [ask] });
      else known.asks.push(ask);
      this.#ports.settle(ask, 'accepted');
    }
    for (const [key, { room, asks: all }] of groups) {
      const turn = (this.#turns.get(key) ?? Promise.resolve()).then(() =>
        this.#run(household, room, wish, all),
      );
      this.#turns.set(key, turn);
      void turn.then(() => {
        if (this.#turns.get(key) === turn) this.#turns.delete(key);
      });
    }
  }

  /** A household has a new state. */
  changed(household: Household): void {
    for (const record of this.#shelf.played(household)) this.#progress.looked(household, record);
  }

  async #run({ id }: Household, room: Room, wish: QueueWish, asks: readonly Ask[]): Promise<void> {
    const household = this.#ports.household(id);
    const { status, outcome } =
      household === undefined ? failed(GONE) : await this.#done(household, room, wish, asks);
    for (const ask of asks) this.#ports.settle(ask, status, outcome);
  }

  async #done(household: Household, room: Room, wish: QueueWish, asks: readonly Ask[]): Promise<Told> {
    const { action } = wish;
    const group = household.topology?.groupByPlayer.get(room.playerId)?.id;
    const record = this.#shelf.of(household, group);
    if (action === 'clear') {
      return record === undefined ? NOTHING_TO_CLEAR : this.#cleared(household, room, record);
    }
    if (action === 'shuffle') {
      if (record === undefined) return failed(NO_QUEUE);
      const chance = () => this.#ports.random.fraction();
      record.queue = shuffled(record.queue, record.current, chance);
      return this.#refreshed(household, room, record, NOTHING);
    }
    if (action !== 'play' && record === undefined) return failed(NO_QUEUE);
    const added = action === 'play' ? undefined : record;
    const gathered = await this.#gathered(wish, added);
    if (!gathered.ok) return failed(gathered.error);
    const [late] = asks.map((ask) => lateness(ask, this.#ports.clock)).filter((error) => error !== null);
    if (late !== undefined) return failed(late);
    if (added === undefined) return this.#played(household, room, wish, gathered.value);
    const { tracks } = gathered.value;
    added.queue =
      action === 'append' ? appended(added.queue, tracks) : insertedNext(added.queue, added.current, tracks);
    added.hasEnded = false;
    return this.#refreshed(household, room, added, gathered.value);
  }

  /** What a wish names, in the order in which it is to be played, no more than there is room for. */
  async #gathered(wish: QueueWish, to: QueueRecord | undefined): Promise<Result<Gathered, CommandError>> {
    const gathered = await this.#ports.supply.gather(wish);
    if (!gathered.ok) return gathered;
    const { tracks, leftOut } = gathered.value;
    const room = Math.max(0, this.#ports.supply.mostItems - (to?.queue.items.length ?? 0));
    const kept = tracks.slice(0, room);
    const reason = `A queue has ${this.#ports.supply.mostItems} items at most.`;
    const over = tracks.slice(room).map(({ url, title }) => ({ entry: title ?? url, reason }));
    const all = [...leftOut, ...over];
    if (kept.length === 0) {
      const [first] = all;
      const why = first === undefined ? 'There is no audio file in it.' : `${first.entry}: ${first.reason}`;
      return err(
        commandError('invalid_payload', `Nothing is left to be played. ${why}`, 'Look at the list.'),
      );
    }
    return ok({ tracks: wish.shuffle ? this.#mixed(kept) : kept, leftOut: all });
  }

  #mixed(tracks: readonly QueueTrack[]): readonly QueueTrack[] {
    const rest = [...tracks];
    const drawn: QueueTrack[] = [];
    while (rest.length > 0)
      drawn.push(...rest.splice(Math.floor(this.#ports.random.fraction() * rest.length), 1));
    return drawn;
  }

  async #played(household: Household, room: Room, wish: QueueWish, gathered: Gathered): Promise<Told> {
    const address = await this.#ports.supply.address();
    if (!address.ok) return failed(address.error);
    const prefix = this.#ports.random.id().replace(/[-_]/g, '').slice(0, 6);
    const owner = { name: wish.name ?? 'Queue', household: household.id, playerId: room.playerId };
    const record = newRecord(address.value, owner, prefix, gathered.tracks);
    this.#shelf.add(record, this.#ports.household);
    const reply = await this.#ports.carry(household, room, loadQueue, record);
    // Whoever was told of it may come for it, whatever became of the answer.
    if (record.session === '') this.#shelf.remove(record);
    const now = this.#ports.household(household.id);
    if (now !== undefined) this.#progress.looked(now, record);
    return told(reply, resultOf(record.queue, gathered));
  }

  async #refreshed(household: Household, room: Room, record: QueueRecord, gathered: Gathered): Promise<Told> {
    const reply = await this.#ports.carry(household, room, refreshQueue, record);
    return told(reply, resultOf(record.queue, gathered));
  }

  async #cleared(household: Household, room: Room, record: QueueRecord): Promise<Told> {
    record.queue = cleared(record.queue);
    record.isCleared = true;
    const reply = await this.#ports.carry(household, room, suspendQueue, record);
    return told(reply, resultOf(record.queue, NOTHING));
  }
}

const GONE = commandError('unknown_room', 'No account has this household any more.', 'See bridge/state.');

const NOTHING_TO_CLEAR: Told = {
  status: 'confirmed',
  outcome: { result: { items: 0, added: 0, left_out: [], left_out_count: 0 } },
};
