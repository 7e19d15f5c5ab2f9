import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What depends on the time zone or the language of the machine. */
const LOCAL =
  /^(toLocale\w*|to(Date|Time)String|getTimezoneOffset|[gs]et(Hours|Minutes|Seconds|Milliseconds|Date|Day|Month|FullYear|Year))$/;

/** Time, chance and network that nobody handed in. */
const GLOBALS = new Set([
  ...['setTimeout', 'setInterval', 'fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'performance'],
  ...['Intl', 'Temporal', 'hrtime'],
  ...['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues', 'nanoid'],
]);

/** Members of an object, by name of the object. */
const MEMBERS = new Set([
  ...['Date.now', 'Date.parse', 'Date.UTC', 'Math.random', 'AbortSignal.timeout'],
  ...['process.hrtime', 'process.uptime', 'os.uptime', 'timers.setTimeout'],
]);

/** Whether a name is that of a member of something or of a type, and not of a thing that is used here. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name === node && !['globalThis', 'global', 'crypto'].includes(parent.expression.getText());
  }
  return (
    (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

function usedBy(node: ts.Node): string | null {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    const given = node.arguments?.length ?? 0;
    // One argument is a moment; none is the present, and several are taken for local time.
    return given === 1 ? null : given === 0 ? 'new Date()' : 'new Date(y, m, …)';
  }
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (ts.isPropertyAccessExpression(node)) {
    if (LOCAL.test(node.name.text)) return node.name.text;
    return MEMBERS.has(node.getText()) ? node.getText() : null;
  }
  if (ts.isStringLiteral(node) && (LOCAL.test(node.text) || /^(node:)?(timers|https)$/.test(node.text)))
    return node.text;
  return ts.isIdentifier(node) && GLOBALS.has(node.text) && !isMemberName(node) ? node.text : null;
}

/** What a source takes of the machine's time, zone, chance and network; each once, sorted. */
function takenBy(source: string): string[] {
  const taken = new Set<string>();
  const walk = (node: ts.Node): void => {
    const used = usedBy(node);
    if (used !== null) taken.add(used);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true));
  return [...taken].sort();
}

/** Who may, and why nothing else will do. */
const EXCEPTIONS: Readonly<Record<string, readonly [taken: readonly string[], because: string]>> = {
  'src/system.ts': [
    ['Date.now', 'Math.random', 'performance', 'randomBytes', 'setTimeout'],
    'This is where time and chance come in.',
  ],
  'src/sonos/http.ts': [['node:https'], 'This is where the Control API is called.'],
  'src/sonos/errors.ts': [['Date.parse'], 'HTTP dates, which are in GMT and looked at before.'],
  'src/speech/fetch-guarded.ts': [
    ['node:https'],
    'Sounds and pictures of others, from the address that was looked at.',
  ],
  'src/sim/post.ts': [['node:https'], 'This is where the simulated Sonos posts its events.'],
  'src/sim/player-fetch.ts': [['node:https'], 'This is where its players fetch cloud queues.'],
  'src/sim/clip-fetch.ts': [['node:https'], 'This is where its players fetch sounds.'],
  'src/speech/http-sound.ts': [['fetch'], 'This is where speech servers are asked.'],
  'src/bridge/zoned-time.ts': [
    ['Date.UTC', 'Intl'],
    'Quiet hours, ceilings and schedules are times in a zone that the settings name.',
  ],
  'src/bridge/payload.ts': [['Date.parse'], 'ISO 8601 with an offset, which zod has looked at.'],
  'src/bridge/familiar-words.ts': [['Date.parse'], 'What the bridge itself wrote, in UTC.'],
  'src/log-output.ts': [['setTimeout'], 'Lines that wait must not keep the process.'],
  'src/log-lines.ts': [
    ['getHours', 'getMilliseconds', 'getMinutes', 'getSeconds'],
    'A line for a person who watches a terminal; JSON lines are in UTC.',
  ],
  'src/main.ts': [['setTimeout'], 'The last resort when an orderly end hangs, whatever hangs.'],
  'src/cli/live-view.ts': [
    ['getHours', 'getMinutes', 'getSeconds'],
    'A line for a person who watches the demo.',
  ],
  'src/cli/demo-house.ts': [['Math.random', 'fetch'], 'Every demo is another day; it plays the browser.'],
  'src/app/checks/account.ts': [['Date.parse'], 'What the bridge itself wrote, in UTC.'],
  'src/app/checks/reach.ts': [['fetch'], 'The doctor asks as anybody would.'],
};

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  // The page runs in a browser, whose time, zone, language and network are what it is for.
  .filter((name) => name.endsWith('.ts') && !name.startsWith('web/page/'))
  .map((name) => `src/${name}`)
  .sort();

describe('time, zone, chance and network', () => {
  it('come in through the door: nobody takes them from the machine but who is named here', () => {
    expect(sources.length).toBeGreaterThan(250);
    const taken = sources.flatMap((file) => {
      const used = takenBy(readFileSync(join(root, file), 'utf8'));
      return used.length === 0 ? [] : [[file, used] as const];
    });
    const allowed = Object.entries(EXCEPTIONS).map(([file, [used]]) => [file, used] as const);
    expect(Object.fromEntries(taken)).toEqual(Object.fromEntries(allowed));
  });

  it.each([
    ['Date.now()', 'Date.now'],
    ['const { now } = Date; new Date()', 'new Date()'],
    ['new Date', 'new Date()'],
    ['Date()', 'Date()'],
    ['new Date(2026, 2, 29, 2, 30)', 'new Date(y, m, …)'],
    ['at.getHours()', 'getHours'],
    ['at.setMinutes(0)', 'setMinutes'],
    ["at['getDay']()", 'getDay'],
    ['at.getTimezoneOffset()', 'getTimezoneOffset'],
    ["at.toLocaleTimeString('en')", 'toLocaleTimeString'],
    ['at.toDateString().length', 'toDateString'],
    ["new Intl.DateTimeFormat('en')", 'Intl'],
    ["Date.parse('2026-03-29T02:30')", 'Date.parse'],
    ['Math.random()', 'Math.random'],
    ["import { randomUUID } from 'node:crypto'", 'randomUUID'],
    ['crypto.randomUUID()', 'randomUUID'],
    ['globalThis.setTimeout(work, 1)', 'setTimeout'],
    ['setInterval(work, 1)', 'setInterval'],
    ["import { setTimeout as wait } from 'node:timers/promises'", 'setTimeout'],
    ["import * as timers from 'node:timers'", 'node:timers'],
    ["import { request } from 'node:https'", 'node:https'],
    ['AbortSignal.timeout(5)', 'AbortSignal.timeout'],
    ['process.hrtime.bigint()', 'process.hrtime'],
    ['performance.now()', 'performance'],
    ["const ask = fetch; ask('https://x')", 'fetch'],
  ])('would be seen in `%s`', (source, used) => {
    expect(takenBy(source)).toContain(used);
  });

  it.each([
    'clock.now() + clock.elapsed(); clock.after(5, work)',
    'new Date(clock.now()).toISOString()',
    'new Date(at).getUTCHours()',
    'interface Door { fetch(url: string): void; readonly setTimeout: number }',
    'door.fetch(url); random.id()',
    "import { setImmediate } from 'node:timers/promises'",
    '// Date.now() and fetch() in a comment',
    "'Date.now() in a text'",
  ])('are not seen in `%s`', (source) => {
    expect(takenBy(source)).toEqual([]);
  });
});
