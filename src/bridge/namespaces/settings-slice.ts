/** What is done with a line-out's volume: set by Sonos, left alone, or told to an amplifier that follows. */
export const VOLUME_MODES = ['variable', 'fixed', 'pass_through'] as const;

/** What is remembered of a player's settings; what it did not say is null. */
export interface PlayerSettings {
  /** The loudest that the player gets, in percent. */
  readonly limit: number | null;
  readonly mode: (typeof VOLUME_MODES)[number] | null;
  /** Whether both channels play the same. */
  readonly mono: boolean | null;
}
