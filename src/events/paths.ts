import { timingSafeEqual } from 'node:crypto';

/** The path of a request target: what stands before the query. */
const pathOf = (target: string): string => target.split('?', 1)[0] ?? '';

/** The query of a request target. */
export const queryOf = (target: string): URLSearchParams => {
  const start = target.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : target.slice(start + 1));
};

/** Makes the test for one path, letter by letter, that takes equally long for every wrong path of the same length. */
export function createPathTest(path: string): (target: string) => boolean {
  const expected = Buffer.from(path, 'utf8');
  return (target) => {
    const given = Buffer.from(pathOf(target), 'utf8');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}
