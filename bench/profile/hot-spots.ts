import { z } from 'zod';

/** What of a CPU profile is read (V8, "Profiler.Profile" of the DevTools protocol). */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).default([]),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

type Profile = z.output<typeof profileSchema>;

/** A function, and its shares of the time in which anything ran. */
export interface HotSpot {
  readonly name: string;
  /** File and line, or which part of Node. */
  readonly where: string;
  /** In the function itself. */
  readonly self: number;
  /** In the function and what it calls. */
  readonly total: number;
}

/** Where a function stands, without the folders of this machine. */
function placeOf(url: string, line: number): string {
  if (url === '') return 'V8';
  return `${url.replace(/^.*\/(?:node_modules|dist)\//, '')}:${line + 1}`;
}

/** The functions on the stack of each node, the node's own first, each once. */
function stacksOf({ nodes }: Profile): ReadonlyMap<number, readonly string[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stacks = new Map<number, readonly string[]>();
  const walk = (id: number, above: readonly string[]): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const { functionName, url, lineNumber } = node.callFrame;
    const own = `${functionName || '(anonymous)'} ${placeOf(url, lineNumber)}`;
    const stack = [own, ...above.filter((each) => each !== own)];
    stacks.set(id, stack);
    for (const child of node.children) walk(child, stack);
  };
  const [root] = nodes;
  if (root !== undefined) walk(root.id, []);
  return stacks;
}

/** The functions of a CPU profile that ran longest themselves first; idle time is left out. */
export function hotSpots(json: string): HotSpot[] {
  const profile = profileSchema.parse(JSON.parse(json));
  const stacks = stacksOf(profile);
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let all = 0;
  const add = (times: Map<string, number>, key: string, time: number) =>
    times.set(key, (times.get(key) ?? 0) + time);
  for (const [index, id] of profile.samples.entries()) {
    const stack = stacks.get(id) ?? [];
    const [own] = stack;
    if (own === undefined || /^\((idle|root)\) /.test(own)) continue;
    const time = profile.timeDeltas[index] ?? 0;
    all += time;
    add(self, own, time);
    for (const each of stack) add(total, each, time);
  }
  return [...total]
    .map(([key, time]) => {
      const space = key.lastIndexOf(' ');
      const spot = { name: key.slice(0, space), where: key.slice(space + 1) };
      return { ...spot, self: (self.get(key) ?? 0) / all, total: time / all };
    })
    .sort((a, b) => b.self - a.self || b.total - a.total);
}
