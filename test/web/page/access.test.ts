import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlLine } from '../../../src/web/page/access/curl.ts';

/** What a shell makes of a line, with `printf` in the place of curl. */
const asShellReads = (line: string): readonly string[] =>
  execFileSync('sh', ['-c', line.replace(/^curl/, "printf '%s\\n'")], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

describe('a line for a shell', () => {
  it('asks at the address of the page, below whatever path a proxy has put in front', () => {
    const line = curlLine('http://bridge:8788/api/hassio/x/#/access', 'kitchen', 'volume', '+5', 'tok');
    expect(asShellReads(line)).toEqual([
      ...['-X', 'POST', 'http://bridge:8788/api/hassio/x/api/rooms/kitchen/volume'],
      ...['-H', 'Authorization: Bearer tok', '-H', 'Content-Type: application/json', '-d', '"+5"'],
    ]);
  });

  it('keeps quotes and dollars as they are', () => {
    const value = { text: 'It\'s "$HOME" `id`' };
    const read = asShellReads(curlLine('http://bridge/', 'kitchen', 'announce', value, 'tok'));
    expect(JSON.parse(read.at(-1) ?? '')).toEqual(value);
  });

  it('puts a room’s name into the address safely', () => {
    expect(curlLine('http://bridge/', "a/b'c", 'announce', 1, 't')).toContain('/api/rooms/a%2Fb');
  });
});
