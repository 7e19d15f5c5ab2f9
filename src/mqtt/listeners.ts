import type { Cancel } from '../bridge/ports.ts';

/** Those who want to hear of something. */
export interface Listeners<T> {
  add(listener: (value: T) => void): Cancel;
  /**
   * Tells all of them. One that throws has a bug, which must reach the process's last resort and not the caller:
   * an exception inside an mqtt.js callback would silence the connection for ever. So it is thrown on the next turn.
   */
  tell(value: T): void;
}

/** Nobody yet. */
export function createListeners<T>(): Listeners<T> {
  const all = new Set<(value: T) => void>();
  return {
    add: (listener) => {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell: (value) => {
      for (const listener of [...all]) {
        try {
          listener(value);
        } catch (bug) {
          setImmediate(() => {
            throw bug;
          });
        }
      }
    },
  };
}
