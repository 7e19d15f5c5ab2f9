/** A value that lasts beyond a restart, such as a document of the store. */
export interface Kept<T> {
  readonly value: T;
  /** Resolves when it is durable; the value counts from the call on, also when the disk refuses. */
  save(value: T): Promise<void>;
}

/** Keeps a value as long as the program runs. */
export function inMemory<T>(empty: T): Kept<T> {
  let value = empty;
  return {
    get value() {
      return value;
    },
    save: async (next) => {
      value = next;
    },
  };
}
