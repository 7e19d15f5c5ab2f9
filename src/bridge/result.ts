/** An expected outcome: a value, or an error from a closed set. Exceptions are left for bugs and I/O. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** The outcome that went well. */
export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** The outcome that did not. */
export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });
