import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** WCAG 2.2 to level AA, and what the checker's makers have seen go wrong beyond it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What the accessibility checker finds on the page as it is now: the rule, and where it is broken. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations: found, passes } = await page.evaluate<Pick<AxeResults, 'violations' | 'passes'>>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations', 'passes'] })`,
  );
  // One that looked at nothing would find nothing.
  if (passes.length < 10) throw new Error(`The checker had only ${passes.length} rules to look at.`);
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
  );
}
