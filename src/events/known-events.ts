import type { EventSpec, TargetKind } from '../bridge/namespaces/define.ts';
import { namespaces } from '../bridge/namespaces/index.ts';

/** Whose event it can be. */
export type EventTargetKind = Exclude<TargetKind, 'account'>;

/** An event that the table knows, under one spelling of its target type. */
export interface KnownEvent {
  readonly namespace: string;
  readonly type: string;
  readonly targetType: string;
  readonly kind: EventTargetKind;
  readonly read: EventSpec<unknown>['read'];
}

/** `groupId` is documented; the others follow its pattern, and clients were seen that use the bare word. */
const spellings = (kind: EventTargetKind): readonly string[] => [kind, `${kind}Id`];

/** Every event of the table, under each spelling of its target type. Rows of the account itself have none. */
export const knownEvents: readonly KnownEvent[] = namespaces.flatMap(({ name, target: kind, events }) =>
  kind === 'account'
    ? []
    : Object.entries(events).flatMap(([type, { read }]) =>
        spellings(kind).map((targetType) => ({ namespace: name, type, targetType, kind, read })),
      ),
);

const keyOf = (namespace: string, type: string, targetType: string): string =>
  `${namespace}/${type}/${targetType}`;

const byKey: ReadonlyMap<string, KnownEvent> = new Map(
  knownEvents.map((event) => [keyOf(event.namespace, event.type, event.targetType), event]),
);

/** The table's entry of an event, by what its headers say; null when there is none. */
export const knownEventOf = (namespace: string, type: string, targetType: string): KnownEvent | null =>
  byKey.get(keyOf(namespace, type, targetType)) ?? null;

const PREFIXES: Readonly<Record<EventTargetKind, string>> = {
  household: 'Sonos_',
  group: 'RINCON_',
  player: 'RINCON_',
  session: 'RINCON_',
};

/**
 * Whether an id can be one of this kind, by its prefix (docs.sonos.com, "Control", on identifiers).
 *
 * The prefix is what makes the signed text readable in one way only. No word of the table holds an underscore, so
 * the first underscore of `…groupIdRINCON_…` ends the prefix, and `group` + `IdRINCON_…` is no second reading of it.
 */
export const canBe = (kind: EventTargetKind, id: string): boolean => id.startsWith(PREFIXES[kind]);
