import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

const isMarkdown = (name: string): boolean => name.endsWith('.md');

/** Every page that people read: those at the top, the documentation, and the README of each example. */
const pages = [
  ...readdirSync(root).filter(isMarkdown),
  ...readdirSync(join(root, 'docs'))
    .filter(isMarkdown)
    .map((name) => join('docs', name)),
  ...readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('README.md'))
    .map((name) => join('examples', name)),
].sort();

/** A page without what is code, where nothing is a heading or a link. */
const proseOf = (text: string): string =>
  text.replaceAll(/^( *)(```+).*\n[\s\S]*?^ *\2 *$/gm, '').replaceAll(/<!--[\s\S]*?-->/g, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const taken = new Map<string, number>();
  return new Set(
    [...proseOf(text).matchAll(/^#{1,6} (.+?)(?: #+)?$/gm)].map(([, heading = '']) => {
      const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
      const before = taken.get(anchor) ?? 0;
      taken.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

/** The targets of a page's links, pictures included. What is code within a line may be a link's text, but holds none. */
const linksOf = (text: string): string[] =>
  [
    ...proseOf(text)
      .replaceAll(/`(?:[^`\n]|\n(?!\n))*`/g, 'code')
      .matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g),
  ].map(([, target = '']) => target);

/** Why a link leads nowhere; null when it leads somewhere, or to elsewhere. */
function problemOf(page: string, link: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return null;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)));
  if (target.startsWith('..')) return `${link} leaves the project`;
  if (!existsSync(join(root, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined) return null;
  if (!isMarkdown(target) || statSync(join(root, target)).isDirectory())
    return `${link}: ${target} has no headings`;
  return anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor)
    ? null
    : `${link}: ${target} has no heading "${anchor}"`;
}

describe('the links of the documentation', () => {
  it('are looked at in every page', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/getting-started.md']));
    const count = pages.flatMap((page) => linksOf(readFileSync(join(root, page), 'utf8'))).length;
    expect(count).toBeGreaterThan(100);
  });

  it.each(pages)('in %s lead somewhere', (page) => {
    const problems = linksOf(readFileSync(join(root, page), 'utf8')).flatMap(
      (link) => problemOf(page, link) ?? [],
    );
    expect(problems).toEqual([]);
  });
});

describe('how links are looked at', () => {
  it.each([
    ['#two-words', null],
    ['#two-words-1', null],
    ['#not_linked-and-100-', null],
    ['#in-code', 'has no heading'],
    ['#Two-words', 'has no heading'],
  ])('finds %s among the headings as GitHub does', (link, problem) => {
    const text = '# Two words\n## Two words\n```sh\n# in code\n```\n### `not_linked` and 100 %\n';
    expect(anchorsOf(text).has(link.slice(1))).toBe(problem === null);
  });

  it('takes no code for a link', () => {
    const text = '[a](b.md) `[c](d.md)` [`e`](f.md#g "h") · [`k`, `l`](m.md)\n```\n[i](j.md)\n```\n';
    expect(linksOf(text)).toEqual(['b.md', 'f.md#g', 'm.md']);
  });

  it.each([
    ['docs/no-such-page.md', 'there is no'],
    ['docs/limits.md#no-such-heading', 'has no heading'],
    ['../elsewhere.md', 'leaves the project'],
    ['LICENSE#a', 'has no headings'],
  ])('tells that %s leads nowhere', (link, problem) => {
    expect(problemOf('README.md', link)).toContain(problem);
  });
});
