/** What the rows of the table remember of one target, by namespace. Only a namespace's own row reads or writes its entry. */
export type Slices = Readonly<Record<string, unknown>>;

/** Slices by the id of their target: a value that is never changed. */
export interface SlicesByTarget {
  get(id: string): Slices | undefined;
  /** The same, but for the slices of one target. */
  with(id: string, slices: Slices): SlicesByTarget;
  /** The ids of the targets. */
  ids(): Iterable<string>;
}

/** Where each target's slices stand. It is shared by all values that have the same targets. */
type Places = ReadonlyMap<string, number>;

class Shelf implements SlicesByTarget {
  readonly #places: Places;
  readonly #slices: readonly Slices[];

  constructor(places: Places, slices: readonly Slices[]) {
    this.#places = places;
    this.#slices = slices;
  }

  get(id: string): Slices | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#slices[place];
  }

  with(id: string, slices: Slices): SlicesByTarget {
    const place = this.#places.get(id);
    if (place !== undefined) return new Shelf(this.#places, this.#slices.with(place, slices));
    return new Shelf(new Map([...this.#places, [id, this.#slices.length]]), [...this.#slices, slices]);
  }

  ids(): Iterable<string> {
    return this.#places.keys();
  }
}

/** Puts slices together. An event changes those of one target: the next value is then a copied list, and no copied `Map`. */
export function slicesByTarget(entries: Iterable<readonly [string, Slices]> = []): SlicesByTarget {
  const all = new Map(entries);
  return new Shelf(new Map([...all.keys()].map((id, place) => [id, place])), [...all.values()]);
}
