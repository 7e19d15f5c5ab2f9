/** First in, first out, of bounded length and size. */
export interface BoundedFifo<Item> {
  /** Puts an item at the end; answers how many of the oldest had to go for it. The newest always stays. */
  push(item: Item, size: number): number;
  /** Takes the oldest and its size; null when there is none. */
  shift(): { readonly item: Item; readonly size: number } | null;
  length(): number;
  clear(): void;
}

/** So many empty places at the front are worth cutting off. */
const MIN_CUT = 128;

/** Creates an empty one; `maxSize` bounds the sum of the sizes given to `push`. */
export function createBoundedFifo<Item>(maxItems: number, maxSize: number): BoundedFifo<Item> {
  let places: ({ readonly item: Item; readonly size: number } | undefined)[] = [];
  // The places before it are empty; cutting the array at every item would copy it every time.
  let head = 0;
  let total = 0;

  const length = () => places.length - head;

  function shift(): { readonly item: Item; readonly size: number } | null {
    const entry = places[head];
    if (entry === undefined) return null;
    places[head] = undefined;
    head += 1;
    total -= entry.size;
    if (head >= MIN_CUT && head * 2 >= places.length) {
      places = places.slice(head);
      head = 0;
    }
    return entry;
  }

  return {
    push: (item, size) => {
      places.push({ item, size });
      total += size;
      let gone = 0;
      while (length() > 1 && (length() > maxItems || total > maxSize)) {
        shift();
        gone += 1;
      }
      return gone;
    },
    shift,
    length,
    clear: () => {
      places = [];
      head = 0;
      total = 0;
    },
  };
}
