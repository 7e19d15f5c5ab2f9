/** A sound as numbers: one channel, from −1 to 1. */
export interface Pcm {
  /** Samples a second. */
  readonly rate: number;
  readonly samples: Float32Array;
}
