import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Metric, openMetrics } from '../../src/web/metrics.ts';
import { openHouse } from './house.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_whole, sign: string) => (sign === 'n' ? '\n' : sign));

/** A strict reader of the part of OpenMetrics 1.0.0 that is written here; throws on anything else. */
function readOpenMetrics(text: string): { help: Map<string, string>; samples: Sample[] } {
  expect(text.endsWith('# EOF\n')).toBe(true);
  const help = new Map<string, string>();
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  let family = '';
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge)$/.exec(line);
    const words = /^# HELP ([a-zA-Z_:][\w:]*) ((?:[^\\"\n]|\\["n\\])*)$/.exec(line);
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.+)\})? (-?[\d.]+(?:e[+-]\d+)?|NaN|[+-]Inf)$/s.exec(line);
    if (type !== null) {
      family = type[1] ?? '';
      // A family must not come a second time.
      expect(types.has(family)).toBe(false);
      types.set(family, type[2] ?? '');
    } else if (words !== null) {
      expect(words[1]).toBe(family);
      help.set(family, unescaped(words[2] ?? ''));
    } else if (sample !== null) {
      expect(sample[1]).toBe(types.get(family) === 'counter' ? `${family}_total` : family);
      const pairs = [...(sample[2] ?? '').matchAll(/(?:^|,)([a-zA-Z_]\w*)="((?:[^\\"\n]|\\["n\\])*)"/gy)];
      expect(pairs.map(([whole]) => whole).join('')).toBe(sample[2] ?? '');
      const labels = Object.fromEntries(pairs.map(([, name, value]) => [name, unescaped(value ?? '')]));
      samples.push({ name: sample[1] ?? '', labels, value: sample[3] ?? '' });
    } else {
      throw new Error(`no OpenMetrics: ${line}`);
    }
  }
  return { help, samples };
}

const events: Metric = { name: 'bridge_events_total', help: 'Events.', type: 'counter', value: 12 };
const held: Metric = { name: 'bridge_subscriptions_held', help: 'Held.', type: 'gauge', value: 3 };

describe('metrics', () => {
  test('are served as OpenMetrics, as they are now', async () => {
    let value = 1;
    const house = await openHouse({ metrics: () => [{ ...events, value }, held] });
    value = 41;
    const { status, headers, text } = await house.visit('/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text).toBe(
      [
        '# TYPE bridge_events counter',
        '# HELP bridge_events Events.',
        'bridge_events_total 41',
        '# TYPE bridge_subscriptions_held gauge',
        '# HELP bridge_subscriptions_held Held.',
        'bridge_subscriptions_held 3',
        '# EOF\n',
      ].join('\n'),
    );
  });

  test('of none at all are an empty page with its end', () => {
    expect(openMetrics([])).toBe('# EOF\n');
  });

  test('samples of one name stand together, and counters are one with and without their ending', () => {
    const text = openMetrics([
      { ...events, labels: { result: 'ok' } },
      held,
      { ...events, name: 'bridge_events', labels: { result: 'refused', by: 'x' } },
    ]);
    expect(readOpenMetrics(text).samples.map(({ name }) => name)).toEqual([
      'bridge_events_total',
      'bridge_events_total',
      'bridge_subscriptions_held',
    ]);
    expect(text).toContain('bridge_events_total{by="x",result="refused"} 12\n');
  });

  test('any label, help and number comes out as it went in', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '\\', '"', '\n', '{', '}', ',', '=', ' ', '#', 'é', '🎵'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(text), text, fc.double(), (labels, help, value) => {
        const metrics = labels.map((label) => ({ ...held, help, value, labels: { room: label } }));
        const read = readOpenMetrics(openMetrics(metrics));
        expect(read.samples.map((sample) => sample.labels.room)).toEqual(labels);
        for (const sample of read.samples) {
          expect(Number(sample.value.replace('Inf', 'Infinity'))).toBe(
            value === 0 ? Number(sample.value) : value,
          );
        }
        if (labels.length > 0) expect(read.help.get(held.name)).toBe(help);
      }),
    );
  });

  test.each<readonly [string, readonly Metric[]]>([
    ['a name with a dash', [{ ...held, name: 'bridge-held' }]],
    ['a label with a dash', [{ ...held, labels: { 'a-b': 'x' } }]],
    ['a name of two types', [held, { ...held, type: 'counter' }]],
    ['a sample twice', [held, held]],
    ['a counter that went below zero', [{ ...events, value: -1 }]],
    ['a counter that is no number', [{ ...events, value: Number.NaN }]],
  ])('%s is a mistake that does not reach a scraper', (_name, metrics) => {
    expect(() => openMetrics(metrics)).toThrow(TypeError);
  });
});

describe('health', () => {
  test('the bridge is ready, or says why not', async () => {
    const reasons: string[] = [];
    const house = await openHouse({ notReady: () => reasons });
    expect(await house.visit('/health/ready')).toMatchObject({ status: 200, text: '{"status":"ready"}' });
    reasons.push('The broker cannot be reached.');
    const answer = await house.visit('/health/ready');
    expect(answer).toMatchObject({
      status: 503,
      text: '{"status":"not ready","reasons":["The broker cannot be reached."]}',
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await house.ask('/health/live')).toMatchObject({ status: 200, text: '{"status":"live"}' });
  });
});
