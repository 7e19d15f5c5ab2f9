/** The topics on which the relay hands events on, one for each household. */
export interface RelayTopics {
  /** The topic of a household; its id holds only letters, digits and `_ . -`, as the grammar of the header says. */
  of(household: string): string;
  /** What a bridge subscribes to. */
  readonly filter: string;
  /** The household that a topic is of; null for a topic that is not the relay's. */
  householdOf(topic: string): string | null;
}

/** The topics below one such as `sonos-relay`. */
export function relayTopicsBelow(topic: string): RelayTopics {
  const start = `${topic}/`;
  return {
    of: (household) => start + household,
    filter: `${start}+`,
    householdOf: (given) => (given.startsWith(start) ? given.slice(start.length) : null),
  };
}
