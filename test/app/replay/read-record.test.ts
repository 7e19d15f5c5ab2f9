import { describe, expect, it } from 'vitest';
import { readRecord } from '../../../src/app/replay/read-record.ts';

const header = JSON.stringify({
  ...{ line: 'record', t: 0, at: 1000, format: 1, bridge: '0.1.0', node: 'v20', started: 'x', seed: 1 },
  ...{ with_names: false, settings: {} },
});
const lost = JSON.stringify({ line: 'lost', t: 5, at: 1005 });

function mistakes(text: string) {
  const read = readRecord(text);
  return read.ok ? [] : read.error;
}

describe('reading a record', () => {
  it('finds its runs, and leaves out a line that was cut off at the end of one', () => {
    const read = readRecord(`${header}\n${lost}\n{"line":"lo\n${header}\n${lost}\n${lost}\n{"li`);
    expect(read.ok && read.value.map(({ lines, isTorn }) => [lines.length, isTorn])).toEqual([
      [1, true],
      [2, true],
    ]);
  });

  it('says in which line what is wrong, and what was expected', () => {
    expect(mistakes(`${header}\nnot json\n${lost}\n`)).toEqual([
      { number: 2, message: 'expected a line of JSON, and found not json' },
    ]);
    expect(mistakes(`${header}\n\n{"line":"lost","t":-1,"at":0}\n`)).toEqual([
      { number: 3, message: expect.stringMatching(/^not a line of a record: "t": .*changed by hand/) },
    ]);
    expect(mistakes(`${header}\n{"line":"other"}\n`)[0]).toMatchObject({ number: 2 });
  });

  it('says that the beginning is missing, or everything', () => {
    expect(mistakes(`${lost}\n`)[0]?.message).toContain('expected the header');
    expect(mistakes('\n \n')[0]?.message).toContain('found nothing');
  });

  it('names the version that can read another format', () => {
    const other = header.replace('"format":1', '"format":7').replace('0.1.0', '9.0.0');
    expect(mistakes(other)[0]?.message).toContain('written by version "9.0.0" in format 7');
  });

  it('tells five mistakes at most', () => {
    expect(mistakes(`${header}\n${'x\n'.repeat(20)}${lost}`)).toHaveLength(5);
  });
});
