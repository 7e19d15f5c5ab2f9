import type { Page } from 'playwright-core';
import { words } from './words.ts';

/** The parts of the page, as its navigation has them. */
export const PARTS = ['house', 'say', 'health', 'setup', 'access'] as const;
export type Part = (typeof PARTS)[number];

/** Goes to a part by its place in the navigation, and waits until it is shown. */
export async function openPart(page: Page, part: Part, language: 'en' | 'de' = 'en'): Promise<void> {
  const label = words(`nav.${part}`, {}, language);
  const navigation = page.getByRole('navigation', { name: words('nav.label', {}, language) });
  await navigation.getByRole('link', { name: label, exact: true }).click();
  await navigation.locator(`a[aria-current=page]`, { hasText: label }).waitFor();
  await page.locator('main > *').first().waitFor();
}
