import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { findProgram } from './programs.ts';

const program = findProgram('chromium', 'chromium', ['chromium-browser', 'google-chrome']);

/** Whether tests in a browser can run. Where CI=true they must. */
export const browserIsInstalled = program !== null;

/** Without a sandbox, for which a container has no rights; and without what a browser asks of its maker by itself. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Screens that the page is looked at on. */
export const SCREENS = {
  phone: { width: 390, height: 844 },
  tablet: { width: 1024, height: 768 },
  desktop: { width: 1440, height: 900 },
} as const;

/** How somebody looks at a page. */
export interface Look {
  readonly screen?: keyof typeof SCREENS;
  readonly scheme?: 'light' | 'dark';
  /** English when absent. */
  readonly locale?: string;
  /** Origins beside the page's own that may be asked, such as the login of the simulated Sonos. */
  readonly alsoAsks?: readonly string[];
  /** Complaints that belong to what is tested, such as the browser's own about a 401. */
  readonly expects?: RegExp;
  readonly more?: BrowserContextOptions;
}

/** A page that is open, and what went wrong on it. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * Errors of scripts and of the console, breaches of the content security policy, dialogs, crashes, and requests to
   * anywhere but the page's own origin.
   */
  readonly trouble: string[];
}

/** Says breaches of the policy where the console is read; runs before any script of the page. */
const REPORT_BREACHES = `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  console.error('breach of the policy: ' + [violatedDirective, blockedURI, sample].join(' ')));`;

function watch({ context, page, trouble }: Visit, url: string, { alsoAsks = [], expects }: Look): void {
  const origins = new Set([new URL(url).origin, ...alsoAsks]);
  const note = (what: string): void => {
    if (expects?.test(what) !== true) trouble.push(what);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => note(`error: ${error.stack ?? error.message}`));
  page.on('crash', () => note('the page crashed'));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => {
    const asked = request.url();
    if (!origins.has(new URL(asked).origin)) note(`asked elsewhere: ${asked.slice(0, 200)}`);
  });
}

async function visit(browser: Browser, url: string, look: Look): Promise<Visit> {
  const context = await browser.newContext({
    viewport: SCREENS[look.screen ?? 'desktop'],
    colorScheme: look.scheme ?? 'light',
    locale: look.locale ?? 'en-GB',
    reducedMotion: 'reduce',
    ...look.more,
  });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(REPORT_BREACHES);
  const page = await context.newPage();
  const opened: Visit = { context, page, trouble: [] };
  watch(opened, url, look);
  await page.goto(url);
  return opened;
}

/** Starts Chromium without a window. */
async function launchBrowser(): Promise<Browser> {
  if (program === null) throw new Error('Chromium is not installed.');
  return chromium.launch({ executablePath: program, headless: true, args: FLAGS });
}

/**
 * One browser for the tests of a file, who each open pages in it as somebody who was never there before. After each
 * test its pages are closed, and whatever went wrong on one of them fails it.
 */
export function useBrowser(): { open(url: string, look?: Look): Promise<Visit> } {
  let browser: Browser | null = null;
  let visits: Visit[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterEach(async () => {
    const ended = visits;
    visits = [];
    await Promise.all(ended.map(({ context }) => context.close()));
    expect(ended.flatMap(({ trouble }) => trouble)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  return {
    open: async (url, look = {}) => {
      if (browser === null) throw new Error('A page can be opened in tests and hooks alone.');
      const opened = await visit(browser, url, look);
      visits.push(opened);
      return opened;
    },
  };
}
