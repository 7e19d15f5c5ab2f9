import { describe, expect, it } from 'vitest';
import { guardStream, type Stream } from '../../src/cli/terminal.ts';
import { createSecrets } from '../../src/secrets.ts';

/** A stream that keeps what is written to it, and the filter in front of it. */
function guarded() {
  const written: unknown[][] = [];
  const stream: Stream = {
    write(...chunk: unknown[]) {
      written.push(chunk);
      return written.length < 3;
    },
  };
  const secrets = createSecrets();
  secrets.add('c4nary-token');
  const reveal = guardStream(stream, secrets.clean);
  return { stream, written, secrets, reveal };
}

describe('a stream of the process', () => {
  it('says no secret, whether it was given text or bytes', () => {
    const { stream, written } = guarded();
    stream.write('the token is c4nary-token\n');
    stream.write(Buffer.from('the token is c4nary-token\n'));
    expect(written.map(([chunk]) => chunk)).toEqual(Array(2).fill('the token is [secret]\n'));
  });

  it('knows a secret from the moment on that the house knows it', () => {
    const { stream, written, secrets } = guarded();
    stream.write('another-secret');
    secrets.add('another-secret');
    stream.write('another-secret');
    expect(written).toEqual([['another-secret'], ['[secret]']]);
  });

  it('leaves all else as it is: other bytes, what is to be done afterwards, what the stream answers', () => {
    const { stream, written } = guarded();
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const done = (): void => {};
    expect(stream.write(bytes, done)).toBe(true);
    expect(stream.write('text', 'utf8', done)).toBe(true);
    expect(stream.write('more')).toBe(false);
    expect(written).toEqual([[bytes, done], ['text', 'utf8', done], ['more']]);
    expect(written[0]?.[0]).toBe(bytes);
  });

  it('can be told to say it all the same', () => {
    const { written, reveal } = guarded();
    reveal('c4nary-token');
    expect(written).toEqual([['c4nary-token']]);
  });
});
