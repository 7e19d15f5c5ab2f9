import { describe, expect, it } from 'vitest';
import { asRead, type ContentList } from '../../../src/bridge/namespaces/content-list.ts';

const list = (version: string, ...items: string[]): ContentList<string> => ({
  version,
  items,
  overtaken: false,
});

describe('a list that is read again', () => {
  it('is the one that was known while its version is, though pictures have other addresses', () => {
    const known = { ...list('7', 'picture-1'), overtaken: true };
    expect(asRead(list('7', 'picture-2'), known)).toEqual(list('7', 'picture-1'));
  });

  it('is a new one when its version is, when it has none, and when none was known', () => {
    expect(asRead(list('8', 'b'), list('7', 'a'))).toEqual(list('8', 'b'));
    expect(asRead(list('', 'b'), list('', 'a'))).toEqual(list('', 'b'));
    expect(asRead(list('7', 'a'), null)).toEqual(list('7', 'a'));
  });
});
