import type { Happening } from '../bridge/namespaces/define.ts';
import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Answer } from '../bridge/replies.ts';
import type { Household, Room } from '../bridge/state.ts';
import type { LiveSource, LiveViewer } from '../web/api/live.ts';
import type { BridgeView, LiveMessage, MinuteView, TraceEntry } from '../web/api/messages.ts';
import type { Art } from './art.ts';
import { cleanedBy } from './cleaned.ts';
import { changesBetween, drawPicture, type HousePicture, roomsOf } from './house-picture.ts';

/** What the live stream shows. All of it is asked for only while somebody looks. */
export interface LiveOptions {
  readonly clock: Clock;
  readonly art: Art;
  readonly households: () => readonly Household[];
  readonly bridge: () => BridgeView;
  readonly trace: () => readonly TraceEntry[];
  readonly minutes: () => readonly MinuteView[];
  /** Takes secrets out of what goes back to whoever caused it. */
  readonly clean: (text: string) => string;
}

/** What is told where the house is published. */
interface Heard {
  readonly show: (household: Household) => void;
  readonly clear: (addresses: readonly string[]) => Promise<void>;
  readonly answer: Answer;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
}

interface Viewing extends LiveViewer {
  /** Alias or id; null for the first there is. */
  readonly wished: string | null;
  /** The id of the household that is shown; null while there is none. */
  shows: string | null;
}

/** What happens and leaves no state, and the household whose viewers hear of it; null for all. */
interface Passing {
  readonly alias: string | null;
  readonly message: LiveMessage;
}

const BATCH_MS = 16;
const BRIDGE_PAUSE_MS = 1_000;
/** Counts of the last minute go down by themselves. */
const BRIDGE_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
/** Two clocks measure the minute; the one that counts must be over it. */
const SLACK_MS = 20;

/** Tells whoever looks of every change. While nobody does, it keeps nothing, draws nothing and has no timer. */
export class Live implements LiveSource {
  readonly #options: LiveOptions;
  readonly #viewers = new Set<Viewing>();
  /** By id, of the households that somebody looks at, as all of their viewers have them. */
  readonly #pictures = new Map<string, HousePicture>();
  #passing: Passing[] = [];
  #listed = '';
  #bridge = '';
  #minute = '';
  #flushedAt = Number.NEGATIVE_INFINITY;
  #bridgeAt = Number.NEGATIVE_INFINITY;
  #flushing: Cancel | null = null;
  #bridgeDue = Number.POSITIVE_INFINITY;
  #cancelBridge: Cancel = () => {};
  #cancelMinute: Cancel = () => {};
  #isStopped = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** The same that publishes, with everything that it is told heard here, too. */
  beside<P extends Heard>(publisher: P): P {
    return {
      ...publisher,
      show: (household) => {
        publisher.show(household);
        this.#wake();
      },
      clear: (addresses) => {
        this.#wake();
        return publisher.clear(addresses);
      },
      answer: (ask, reply) => {
        publisher.answer(ask, reply);
        if (this.#viewers.size === 0) return;
        const message = { kind: 'reply', reply: cleanedBy(this.#options.clean, reply) } as const;
        this.#pass(ask.room === null ? null : ask.household, message);
      },
      happened: (household, room, happening) => {
        publisher.happened(household, room, happening);
        if (this.#viewers.size === 0) return;
        const seen = cleanedBy(this.#options.clean, { ...happening, room: room.address });
        this.#pass(household.alias, { kind: 'happening', happening: seen });
      },
    };
  }

  /** Shows a household, by alias or id; the first one when it is none. Null when the house is closing. */
  open(wished: string | null, viewer: LiveViewer): Cancel | null {
    if (this.#isStopped) return null;
    // So that what everybody has is what is drawn now, and the next changes are right for all.
    if (this.#viewers.size > 0) this.#flush();
    else this.#begin();
    const viewing: Viewing = { ...viewer, wished, shows: null };
    this.#viewers.add(viewing);
    this.#sayWhole(viewing, this.#options.households());
    return () => this.#left(viewing);
  }

  /** There is one more entry of the trace. */
  traced(entry: () => TraceEntry): void {
    if (this.#viewers.size > 0) this.#pass(null, { kind: 'trace', entry: entry() });
  }

  /** Something happened that the bridge's state may show. */
  nudge(): void {
    if (this.#viewers.size === 0) return;
    this.#lookAtBridgeAt(Math.max(this.#options.clock.elapsed(), this.#bridgeAt + BRIDGE_PAUSE_MS));
  }

  /** Sends everybody away, for good. */
  stop(): void {
    this.#isStopped = true;
    this.hangUp();
  }

  /** Sends everybody away; whoever may still look comes again. */
  hangUp(): void {
    for (const viewing of [...this.#viewers]) {
      this.#left(viewing);
      viewing.end();
    }
  }

  #begin(): void {
    const { clock, households, minutes } = this.#options;
    this.#listed = JSON.stringify(listOf(households()));
    this.#minute = JSON.stringify(minutes().at(-1));
    this.#lookAtBridgeAt(clock.elapsed() + BRIDGE_EVERY_MS);
    this.#awaitMinute();
  }

  #left(viewing: Viewing): void {
    this.#viewers.delete(viewing);
    this.#forgetUnseen();
    if (this.#viewers.size > 0) return;
    this.#flushing?.();
    this.#flushing = null;
    this.#passing = [];
    this.#cancelBridge();
    this.#bridgeDue = Number.POSITIVE_INFINITY;
    this.#cancelMinute();
  }

  #pass(alias: string | null, message: LiveMessage): void {
    this.#passing.push({ alias, message });
    this.#wake();
  }

  #wake(): void {
    if (this.#viewers.size === 0 || this.#flushing !== null) return;
    const { clock } = this.#options;
    const wait = Math.max(0, this.#flushedAt + BATCH_MS - clock.elapsed());
    this.#flushing = clock.after(wait, () => this.#flush());
  }

  /** Tells everybody of what is different now, and then of what happened. */
  #flush(): void {
    this.#flushing?.();
    this.#flushing = null;
    this.#flushedAt = this.#options.clock.elapsed();
    const passing = this.#passing;
    this.#passing = [];
    const all = this.#options.households();
    const changes = this.#redraw(all);
    const listed = JSON.stringify(listOf(all));
    const isOtherList = listed !== this.#listed;
    this.#listed = listed;
    for (const viewing of this.#viewers) {
      const household = chosen(all, viewing.wished);
      if (isOtherList || (household?.id ?? null) !== viewing.shows) this.#sayWhole(viewing, all);
      else for (const message of changes.get(viewing.shows ?? '') ?? []) viewing.say(message);
      for (const { alias, message } of passing)
        if (alias === null || alias === household?.alias) viewing.say(message);
    }
    this.#forgetUnseen();
  }

  #redraw(all: readonly Household[]): ReadonlyMap<string, readonly LiveMessage[]> {
    const changes = new Map<string, readonly LiveMessage[]>();
    for (const [id, before] of this.#pictures) {
      const household = all.find((each) => each.id === id);
      if (household === undefined) continue;
      const after = drawPicture(household, this.#options.art, before);
      this.#pictures.set(id, after);
      changes.set(id, changesBetween(before, after));
    }
    return changes;
  }

  #sayWhole(viewing: Viewing, all: readonly Household[]): void {
    const { art, bridge, trace, minutes } = this.#options;
    const household = chosen(all, viewing.wished);
    viewing.shows = household?.id ?? null;
    const picture = household && drawPicture(household, art, this.#pictures.get(household.id));
    if (picture !== undefined) this.#pictures.set(picture.household.id, picture);
    viewing.say({
      kind: 'whole',
      bridge: bridge(),
      households: listOf(all),
      house: picture?.house.view ?? null,
      rooms: picture === undefined ? {} : roomsOf(picture),
      trace: trace(),
      minutes: minutes(),
    });
  }

  #forgetUnseen(): void {
    const seen = new Set([...this.#viewers].map(({ shows }) => shows));
    for (const id of this.#pictures.keys()) if (!seen.has(id)) this.#pictures.delete(id);
  }

  #lookAtBridgeAt(at: number): void {
    if (at >= this.#bridgeDue) return;
    this.#cancelBridge();
    this.#bridgeDue = at;
    const { clock, bridge } = this.#options;
    this.#cancelBridge = clock.after(Math.max(0, at - clock.elapsed()), () => {
      this.#bridgeDue = Number.POSITIVE_INFINITY;
      this.#bridgeAt = clock.elapsed();
      this.#lookAtBridgeAt(this.#bridgeAt + BRIDGE_EVERY_MS);
      const view = bridge();
      const text = JSON.stringify(view);
      if (text !== this.#bridge) this.#pass(null, { kind: 'bridge', bridge: view });
      this.#bridge = text;
      this.#sayMinute(-1);
    });
  }

  #awaitMinute(): void {
    const { clock } = this.#options;
    const wait = MINUTE_MS - (clock.now() % MINUTE_MS) + SLACK_MS;
    this.#cancelMinute = clock.after(wait, () => {
      this.#awaitMinute();
      // How the one that has just ended came out.
      this.#sayMinute(-2);
    });
  }

  #sayMinute(place: number): void {
    const minute = this.#options.minutes().at(place);
    const text = JSON.stringify(minute);
    if (minute !== undefined && text !== this.#minute) this.#pass(null, { kind: 'minute', minute });
    this.#minute = text;
  }
}

const listOf = (households: readonly Household[]) => households.map(({ alias, name }) => ({ alias, name }));

/** The household that somebody wishes to see, by alias or id; the first when there is none such. */
const chosen = (all: readonly Household[], wished: string | null): Household | undefined =>
  all.find(({ alias, id }) => wished !== null && (alias === wished || id === wished)) ?? all[0];
