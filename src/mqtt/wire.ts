/** One PUBLISH at QoS 1. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly expirySeconds: number | null;
  readonly correlationData: Uint8Array | null;
  readonly contentType: string | null;
}

/** A live connection, as the outbox sees it. */
export interface Wire {
  /** How many publishes may be unacknowledged at once. */
  readonly window: number;
  /** The longest packet that the broker takes, bytes. */
  readonly largestPacketBytes: number;
  /**
   * Publishes; tells `done` when the broker answered: null when it took it, else why it refused. `isUnheard`: it took
   * it and had nobody to give it to, as a broker may say that speaks MQTT 5.
   */
  publish(publication: Publication, done: (refusal: string | null, isUnheard?: boolean) => void): void;
}
