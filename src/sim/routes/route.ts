import type { z } from 'zod';
import type { Household } from '../household.ts';
import type { JsonObject } from '../model.ts';
import { readParameters } from '../parameters.ts';
import type { Player } from '../player.ts';
import type { Refusal } from '../refusal.ts';
import type { Group } from '../topology.ts';

/** What a command answers with: HTTP status, `X-Sonos-Type`, body. */
export type Reply = Refusal;

/** The call as a command sees it: the target found, the body read as JSON. */
export interface Call<Target> {
  readonly home: Household;
  readonly target: Target;
  /** The id that named the target: its own, or that of one of its boxes. */
  readonly id: string;
  readonly body: JsonObject;
  readonly query: URLSearchParams;
  /** The id that follows the namespace, e.g. a playlist's; empty where there is none. */
  readonly item: string;
}

/** One command: runs it and answers. */
export type Route<Target> = (call: Call<Target>) => Reply;

/** `POST playback/play` → what it does. `{}` stands for an id. */
export type Routes<Target> = Readonly<Record<string, Route<Target>>>;

/** Commands to a player. */
export type PlayerRoutes = Routes<Player>;
/** Commands to a group. */
export type GroupRoutes = Routes<Group>;
/** Commands to a household. */
export type HouseholdRoutes = Routes<Household>;

/** 200 with an object. */
export const answer = (type: string, body: JsonObject): Reply => ({ status: 200, type, body });

/** 200 with `{}`, or the refusal. */
export const acknowledge = (refusal: Refusal | null = null): Reply => refusal ?? answer('none', {});

/** A command with parameters; the refusal when they are wrong. */
export function withParameters<Target, Shape extends z.ZodType>(
  shape: Shape,
  run: (call: Call<Target>, values: z.output<Shape>) => Reply,
): Route<Target> {
  return (call) => {
    const read = readParameters(shape, call.body);
    return 'refusal' in read ? read.refusal : run(call, read.values);
  };
}

/** Leaves out what is undefined, for objects whose fields may be missing but not undefined. */
export function present<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
