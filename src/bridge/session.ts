/** What a playback session of ours plays. */
export type SessionPurpose = 'stream' | 'queue';

/** A playback session of ours: our hold on a group, until the group goes or somebody else takes it over. */
export interface Session {
  /** The group's id. */
  readonly group: string;
  readonly purpose: SessionPurpose;
  /** Whether Sonos said that it rests. */
  readonly suspended: boolean;
  /** When a command of ours chose another source, wall time: that it ends then is no news. Absent while none did. */
  readonly leftAt?: number;
}

/** The sessions of a household by id; a group has at most one. */
export type Sessions = ReadonlyMap<string, Session>;

/** The sessions with this one, which is the only one of its group from now on; null ends it. */
export function withSession(sessions: Sessions, id: string, session: Session | null): Sessions {
  const others = [...sessions].filter(([each, { group }]) => each !== id && group !== session?.group);
  return new Map(session === null ? others : [...others, [id, session]]);
}

/** The sessions of the groups that are there; the same ones when all are. */
export function sessionsOf(sessions: Sessions, groups: ReadonlyMap<string, unknown>): Sessions {
  const left = [...sessions].filter(([, { group }]) => groups.has(group));
  return left.length === sessions.size ? sessions : new Map(left);
}

/** The id of our session on a group; null when there is none. */
export function sessionOn(sessions: Sessions, group: string): string | null {
  for (const [id, session] of sessions) if (session.group === group) return id;
  return null;
}
