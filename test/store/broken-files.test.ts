import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { figure, sized } from '../support/figures.ts';
import { damage } from './damage.ts';
import { type ProductDocument, productDocuments } from './documents.ts';
import { open, type TestLog, temporaryFolder } from './support.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
const FILES = sized(2_000, 10_000);
/** So many documents are opened by one store. */
const BATCH = 50;

let documents: readonly ProductDocument[] = [];
/** What the bridge writes for a document: the older value and the newer one. */
const written = new Map<string, readonly [Buffer, Buffer]>();

beforeAll(async () => {
  documents = await productDocuments();
  const folder = temporaryFolder();
  const { store } = await open(folder);
  for (const { name, schema, empty, older, newer } of documents) {
    const document = await store.document(name, schema, empty);
    await document.save(older);
    await document.save(newer);
    const [current, good] = [`${name}.json`, `${name}.json.good`].map((each) =>
      readFileSync(join(folder, each)),
    );
    if (current === undefined || good === undefined) throw new Error(`${name} was not written twice`);
    written.set(name, [good, current]);
  }
  await store.close();
});

/** What lies in the folder for one document: both copies, and which of them were damaged and how. */
interface Case {
  readonly what: string;
  readonly of: ProductDocument;
  readonly name: string;
  readonly current: Uint8Array | null;
  readonly good: Uint8Array | null;
}

function createCase(number: number, chance: Chance): Case {
  const of = chance.pick(documents);
  const [older, newer] = written.get(of.name) ?? [Buffer.alloc(0), Buffer.alloc(0)];
  // Both together, as a power cut may do it, and each alone.
  const which = chance.pick([
    'current',
    'current',
    'current',
    'good',
    'both',
    'both',
    'good alone',
    'no good',
  ]);
  const current = which === 'good alone' || which === 'good' ? null : damage(newer, chance);
  const good = ['good', 'both', 'good alone'].includes(which) ? damage(older, chance) : null;
  return {
    what: `SEED=${SEED}, file ${number}: ${of.name}, ${which}: ${current?.kind ?? '-'}, ${good?.kind ?? '-'}`,
    of,
    name: `${of.name}-${number}`,
    current: which === 'good' ? newer : (current?.bytes ?? null),
    good: good?.bytes ?? (which === 'no good' ? null : older),
  };
}

type Verdict = { readonly kind: 'right'; readonly value: object } | { readonly kind: 'absent' | 'broken' };

/** The content without its checksum; null when it has one that does not fit. */
function unsealed(json: object): object | null {
  if (!('$sha256' in json)) return json;
  const { $sha256: sum, ...content } = json;
  const isRight = createHash('sha256').update(JSON.stringify(content)).digest('hex') === sum;
  return isRight ? content : null;
}

/** What a file holds, found out without the store: its text, its checksum when it has one, and its shape. */
function judge(bytes: Uint8Array | null, schema: z.ZodType<object>): Verdict {
  if (bytes === null) return { kind: 'absent' };
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof json !== 'object' || json === null) return { kind: 'broken' };
    const read = schema.safeParse(unsealed(json));
    return read.success ? { kind: 'right', value: read.data } : { kind: 'broken' };
  } catch {
    return { kind: 'broken' };
  }
}

const errorsOf = (log: TestLog, file: string): string[] =>
  log.lines.flatMap(({ level, message, fields }) =>
    level === 'error' && fields?.file === file ? [message] : [],
  );

/** The bytes of the files that were kept aside for a document. */
const keptFor = (folder: string, name: string): string[] =>
  readdirSync(folder)
    .filter((entry) => entry.startsWith(`${name}.broken-`))
    .map((entry) => readFileSync(join(folder, entry), 'latin1'))
    .sort();

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What became of the cases, by kind. */
interface Tally {
  right: number;
  lastGood: number;
  empty: number;
  odd: number;
}

async function check(each: Case, value: object, errors: readonly string[], folder: string, tally: Tally) {
  const { what, of } = each;
  const current = judge(each.current, of.schema);
  const good = judge(each.good, of.schema);
  if (current.kind === 'right') {
    expect(value, what).toEqual(current.value);
    expect(errors, what).toEqual([]);
    expect(keptFor(folder, each.name), what).toEqual([]);
    tally.right += 1;
  } else {
    expect(value, what).toEqual(good.kind === 'right' ? good.value : of.empty);
    expect(errors, what).toHaveLength(1);
    const broken = [each.current, good.kind === 'broken' ? each.good : null].flatMap((bytes) => bytes ?? []);
    expect(keptFor(folder, each.name), what).toEqual(broken.map(latin1).sort());
    tally[good.kind === 'right' ? 'lastGood' : 'empty'] += 1;
  }
  const isOurs = [of.older, of.newer, of.empty].some((known) => isDeepStrictEqual(value, known));
  if (isOurs) return;
  tally.odd += 1;
  try {
    await of.liveWith(value);
  } catch (cause) {
    throw new Error(`${what}: the bridge does not survive it: ${cause}`, { cause });
  }
}

async function batch(cases: readonly Case[], tally: Tally): Promise<void> {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder, { mode: 0o700 });
  for (const { name, current, good } of cases) {
    if (current !== null) writeFileSync(join(folder, `${name}.json`), current, { mode: 0o600 });
    if (good !== null) writeFileSync(join(folder, `${name}.json.good`), good, { mode: 0o600 });
  }
  const values = new Map<string, object>();
  const first = await open(folder);
  for (const each of cases) {
    const { value } = await first.store.document(each.name, each.of.schema, each.of.empty);
    values.set(each.name, value);
    await check(each, value, errorsOf(first.log, join(folder, `${each.name}.json`)), folder, tally);
  }
  await first.store.close();
  // Mended: the next start finds the same, and has nothing to say.
  const second = await open(folder);
  for (const { what, name, of } of cases) {
    const { value } = await second.store.document(name, of.schema, of.empty);
    expect(value, what).toEqual(values.get(name));
  }
  expect(second.log.at('error'), cases[0]?.what).toEqual([]);
  await second.store.close();
  rmSync(folder, { recursive: true });
}

describe('files that the bridge did not leave so', () => {
  it('never end the bridge, and never become an empty document in silence', async () => {
    const chance = createChance(SEED);
    const tally: Tally = { right: 0, lastGood: 0, empty: 0, odd: 0 };
    for (let number = 0; number < FILES; number += BATCH) {
      await batch(
        Array.from({ length: BATCH }, (_, i) => createCase(number + i, chance)),
        tally,
      );
    }
    figure('broken store files', `${FILES} (SEED=${SEED}): ${JSON.stringify(tally)}`);
    expect(tally.lastGood).toBeGreaterThan(FILES / 5);
    expect(tally.empty).toBeGreaterThan(FILES / 20);
    expect(tally.odd).toBeGreaterThan(FILES / 50);
  }, 600_000);
});
