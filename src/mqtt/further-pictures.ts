import type { Cancel, Clock } from '../bridge/ports.ts';
import { type Grounds, sameGrounds } from '../bridge/same.ts';
import type { Household } from '../bridge/state.ts';
import type { FurtherPicture } from './further-picture.ts';
import type { Outbox } from './outbox.ts';
import type { Rendering } from './render.ts';

/** The topics of every further picture that the broker may hold, by the picture's name. */
export type FurtherTopics = Readonly<Record<string, readonly string[]>>;

/** What the further pictures need. */
export interface FurtherOptions {
  readonly pictures: readonly FurtherPicture[];
  readonly outbox: Pick<Outbox, 'retain' | 'clear'>;
  readonly clock: Clock;
  /** What was remembered from the last run. */
  readonly remembered: FurtherTopics;
  /** The topics changed: they are made durable, so that none is forgotten at the broker. */
  readonly save: (topics: FurtherTopics) => void;
  /** Every household, as it stands now. */
  readonly households: () => readonly Household[];
}

const isKnown = ({ topology }: Household): boolean => topology?.isComplete === true;

/** What was drawn of one household. */
interface Drawn {
  readonly grounds: Grounds;
  /** What it said, and what merely keeps its meaning. */
  readonly topics: ReadonlySet<string>;
}

/** One picture: what was drawn of each household, and which topics may be at the broker. */
class Drawing {
  readonly #picture: FurtherPicture;
  readonly #options: FurtherOptions;
  readonly #changed: () => void;
  /** By alias. */
  readonly #drawn = new Map<string, Drawn>();
  readonly #waiting = new Map<string, Household>();
  /** Every topic that the broker may hold, drawn in this run or in an earlier one. */
  readonly held: Set<string>;
  #timer: Cancel | null = null;
  /** What an earlier run left behind is gone, or on its way. */
  #isSettled = false;

  constructor(picture: FurtherPicture, options: FurtherOptions, changed: () => void) {
    this.#picture = picture;
    this.#options = options;
    this.#changed = changed;
    this.held = new Set(options.remembered[picture.name] ?? []);
  }

  start(): void {
    const size = this.held.size;
    this.#say(this.#picture.fixed?.() ?? new Map());
    if (this.held.size !== size) this.#changed();
  }

  show(household: Household): void {
    const { alias } = household;
    if (!isKnown(household)) return;
    const before = this.#drawn.get(alias)?.grounds;
    if (!this.#waiting.has(alias) && sameGrounds(before, this.#picture.grounds(household))) return;
    this.#waiting.set(alias, household);
    if (this.#picture.delayMs === 0) this.#draw();
    else this.#timer ??= this.#options.clock.after(this.#picture.delayMs, () => this.#draw());
  }

  /** A household is gone. */
  drop(alias: string): void {
    this.#waiting.delete(alias);
    this.#forget(new Set(this.#drawn.get(alias)?.topics));
    this.#drawn.delete(alias);
  }

  stop(): void {
    this.#timer?.();
  }

  #draw(): void {
    this.#timer = null;
    const size = this.held.size;
    for (const household of this.#waiting.values()) {
      const said = this.#picture.draw(household);
      const topics = new Set([...said.keys(), ...(this.#picture.kept?.(household) ?? [])]);
      const before = this.#drawn.get(household.alias)?.topics ?? [];
      this.#drawn.set(household.alias, { grounds: this.#picture.grounds(household), topics });
      this.#say(said);
      this.#forget(new Set([...before].filter((topic) => !topics.has(topic))));
    }
    this.#waiting.clear();
    if (this.held.size !== size) this.#changed();
    this.#settle();
  }

  #say(topics: Rendering): void {
    for (const topic of topics.keys()) this.held.add(topic);
    for (const [topic, payload] of topics) this.#options.outbox.retain(topic, payload);
  }

  /** When every household is drawn, what an earlier run left behind and nobody draws any more is cleared. */
  #settle(): void {
    if (this.#isSettled) return;
    const households = this.#options.households();
    if (households.length === 0 || !households.every(({ alias }) => this.#drawn.has(alias))) return;
    this.#isSettled = true;
    const drawn = [...this.#drawn.values()].flatMap(({ topics }) => [...topics]);
    const wanted = new Set([...drawn, ...(this.#picture.fixed?.() ?? new Map<string, string>()).keys()]);
    this.#forget(new Set([...this.held].filter((topic) => !wanted.has(topic))));
  }

  #forget(topics: ReadonlySet<string>): void {
    if (topics.size === 0) return;
    void this.#options.outbox.clear(topics).then(() => {
      const shown = [...this.#drawn.values()];
      // One that is drawn again by now is not gone.
      const gone = [...topics].filter((topic) => !shown.some((drawing) => drawing.topics.has(topic)));
      for (const topic of gone) this.held.delete(topic);
      if (gone.length > 0) this.#changed();
    });
  }
}

/** Keeps further pictures of the house at the broker, beside the contract's topics. */
export class FurtherPictures {
  readonly #options: FurtherOptions;
  readonly #drawings: ReadonlyMap<string, Drawing>;
  /** Of pictures that the settings have switched off, until they are cleared. */
  readonly #left: Map<string, readonly string[]>;

  constructor(options: FurtherOptions) {
    this.#options = options;
    const { pictures, remembered } = options;
    const names = new Set(pictures.map(({ name }) => name));
    this.#left = new Map(Object.entries(remembered).filter(([name]) => !names.has(name)));
    const drawings = new Map<string, Drawing>();
    this.#drawings = drawings;
    for (const picture of pictures)
      drawings.set(picture.name, new Drawing(picture, options, () => this.#save()));
  }

  /** Says what belongs to no household, and clears what the settings have switched off. */
  start(): void {
    for (const drawing of this.#drawings.values()) drawing.start();
    for (const [name, topics] of this.#left) void this.#clear(name, topics);
  }

  /** A household as it is now. */
  show(household: Household): void {
    for (const drawing of this.#drawings.values()) drawing.show(household);
  }

  /** A household is gone: its alias has no meaning any more. */
  drop(alias: string): void {
    for (const drawing of this.#drawings.values()) drawing.drop(alias);
  }

  /** Whether a topic belongs to one of the pictures. */
  has(topic: string): boolean {
    return [...this.#drawings.values()].some(({ held }) => held.has(topic));
  }

  stop(): void {
    for (const drawing of this.#drawings.values()) drawing.stop();
  }

  async #clear(name: string, topics: readonly string[]): Promise<void> {
    await this.#options.outbox.clear(topics);
    this.#left.delete(name);
    this.#save();
  }

  #save(): void {
    const held = [...this.#drawings].map(([name, drawing]) => [name, [...drawing.held].sort()] as const);
    this.#options.save(Object.fromEntries([...this.#left, ...held]));
  }
}
