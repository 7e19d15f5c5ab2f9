import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Copy, LARGEST_DOCUMENT, readCopy, writeDocument } from '../../src/store/copy.ts';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { numbered, temporaryFolder, tokens } from './support.ts';

const NUL = '\u0000';

/** What is made of a file with this content. */
function reading(content: string | Uint8Array, schema: z.ZodType<unknown> = tokens): Promise<Copy<unknown>> {
  const disk: Disk = {
    ...systemDisk,
    read: async () => ({ kind: 'bytes', bytes: new Uint8Array(Buffer.from(content)) }),
  };
  return readCopy(disk, 'data/tokens.json', schema);
}

const broken = (why: string) => ({ kind: 'broken', why });

describe('a copy of a document that cannot be used', () => {
  it.each([
    ['empty', '', 'is empty'],
    ['full of NULs', NUL.repeat(8), 'holds nothing but NUL bytes'],
    ['half full of NULs', `{"n"${NUL}`, 'is not JSON (5 bytes; torn, or edited by mistake)'],
    [
      'damaged',
      '{"$sha256": "0", "n": 1, "pad": ""}',
      /^does not fit its checksum \(.*"\$sha256" is removed\)$/,
    ],
    [
      'nested deeper than it can be walked through',
      `{"$sha256": "0", "n": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'is nested too deeply',
    ],
  ])('because it is %s is told as such', async (_, content, why) => {
    expect(await reading(content)).toEqual(
      typeof why === 'string' ? broken(why) : broken(expect.stringMatching(why)),
    );
  });

  it('because of its shape is told with the first three places, briefly', async () => {
    const deep = z.object({ speaker: z.object({ name: z.string(), volume: z.int() }) });
    expect(await reading('{"speaker": {"name": 1, "volume": "loud"}}', deep)).toEqual(
      broken('has the wrong shape (speaker.name: invalid_type; speaker.volume: invalid_type)'),
    );
    const five = z.object(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, z.int()])));
    expect(await reading('{}', five)).toEqual(
      broken('has the wrong shape (a: invalid_type; b: invalid_type; c: invalid_type)'),
    );
    const long = z.record(z.string(), z.int());
    expect(await reading(JSON.stringify({ ['x'.repeat(500)]: 'secret' }), long)).toEqual(
      broken(`has the wrong shape (${'x'.repeat(80)}: invalid_type)`),
    );
  });

  it('because the disk refuses is an error that says what is at stake', async () => {
    const path = join(temporaryFolder(), 'tokens.json');
    const refusal = Object.assign(new Error('EIO'), { code: 'EIO' });
    const disk: Disk = { ...systemDisk, read: () => Promise.reject(refusal) };
    await expect(readCopy(disk, path, tokens)).rejects.toThrow(
      `${path} could not be read, and starting without it would lose it: EIO. Check the disk`,
    );
  });
});

describe('a value that could not be read back', () => {
  it.each<[string, object, string]>([
    ['is no JSON', { n: 1n, pad: '' }, 'cannot be told as JSON'],
    [
      'does not fit its own schema',
      { n: Number.NaN, pad: 'secret' },
      'has the wrong shape (n: invalid_type) when read back',
    ],
  ])('because it %s is refused with what is wrong with it', (_, value, why) => {
    const write = () => writeDocument<object>(value, tokens, 'data/tokens.json');
    expect(write).toThrow(
      `data/tokens.json was not saved, because the new value ${why}. This is a mistake in the bridge`,
    );
    expect(write).not.toThrow('secret');
  });

  it('because of its size is one byte too large, not one byte less', async () => {
    const rest = writeDocument(numbered(1), tokens, 'tokens.json').length;
    const largest = writeDocument(
      numbered(1, 'x'.repeat(LARGEST_DOCUMENT - rest)),
      tokens,
      'data/tokens.json',
    );
    expect(largest.length).toBe(LARGEST_DOCUMENT);
    const folder = temporaryFolder();
    await systemDisk.create(join(folder, 'tokens.json'), largest);
    expect(await readCopy(systemDisk, join(folder, 'tokens.json'), tokens)).toMatchObject({ kind: 'right' });
    expect(() =>
      writeDocument(numbered(1, 'x'.repeat(LARGEST_DOCUMENT - rest + 1)), tokens, 'data/tokens.json'),
    ).toThrow(
      'data/tokens.json was not saved, because the new value has 67108865 bytes, more than 67108864.',
    );
  });
});
