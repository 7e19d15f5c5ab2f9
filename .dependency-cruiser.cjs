/**
 * Who may import whom. `test/contracts/layers.test.ts` runs these rules and plants a breach of each.
 *
 * main → cli → app → web → { events, sonos, mqtt, store, speech, queue } → bridge → zod
 *
 * A room may import itself and what its row names, nothing else of ours; so a new folder or file in `src` is refused
 * until it has a row.
 */
const FOUNDATIONS = ['config/', 'log[a-z-]*\\.ts$', 'secret[a-z-]*\\.ts$', 'system\\.ts$'];
const EDGES = ['events/', 'sonos/', 'mqtt/', 'store/', 'speech/', 'queue/'];

const ROOMS = {
  main: ['main\\.ts$', ['cli/']],
  cli: ['cli/', ['app/', 'sim/', 'web/', ...EDGES, 'bridge/', ...FOUNDATIONS]],
  app: ['app/', ['web/', ...EDGES, 'bridge/', ...FOUNDATIONS]],
  web: ['web/(?!page/)', [...EDGES, 'bridge/']],
  // What runs in the browser; that it shares types alone is said by `page-shares-types-only`.
  page: ['web/page/', ['web/api/messages\\.ts$']],
  events: ['events/', ['bridge/']],
  sonos: ['sonos/', ['bridge/']],
  mqtt: ['mqtt/', ['bridge/']],
  store: ['store/', ['bridge/']],
  speech: ['speech/', ['bridge/']],
  queue: ['queue/', ['bridge/']],
  // What it may share with the product is said once more, more narrowly, by `sim-shares-types-only`.
  sim: ['sim/', ['bridge/']],
  config: ['config/', ['bridge/']],
  log: ['log[a-z-]*\\.ts$', ['bridge/', 'secrets\\.ts$', 'system\\.ts$']],
  secrets: ['secret[a-z-]*\\.ts$', ['bridge/']],
  system: ['system\\.ts$', ['bridge/']],
  bridge: ['bridge/', []],
};

/** One door per library: the only files that may import it, and those that may know its types. */
const DOORS = {
  mqtt: ['mqtt/client\\.ts$'],
  aedes: ['mqtt/broker\\.ts$', 'mqtt/'],
  ws: ['mqtt/broker\\.ts$', 'mqtt/'],
  'simple-oauth2': ['sonos/oauth\\.ts$'],
  lowdb: ['store/'],
  'mpg123-decoder': ['speech/mp3\\.ts$'],
  express: ['(events|web|sim)/'],
  pino: ['log\\.ts$'],
  yaml: ['config/'],
  'node-cron': ['config/cron\\.ts$'],
  preact: ['web/page/'],
  '@preact/signals': ['web/page/'],
};

const inSource = (paths) => paths.map((path) => `^src/${path}`);
const library = (name) => `(^|node_modules/)(@types/)?${name}(/|$)`;

const rooms = Object.entries(ROOMS).map(([room, [own, others]]) => ({
  name: `room-${room}`,
  comment: `${room} imports itself${others.length > 0 ? ` and ${others.join(', ')}` : ''}, nothing else of ours.`,
  severity: 'error',
  from: { path: inSource([own]) },
  to: { path: '^src/', pathNot: inSource([own, ...others]) },
}));

const doors = Object.entries(DOORS).flatMap(([name, [door, types]]) => {
  const rule = {
    name: `door-${name}`,
    comment: `${name} is imported by src/${door} only.`,
    severity: 'error',
    from: { path: '^src/', pathNot: inSource(types === undefined ? [door] : [door, types]) },
    to: { path: library(name) },
  };
  if (types === undefined) return [rule];
  const typesOnly = {
    name: `door-${name}-types`,
    comment: `In src/${types} only the types of ${name} may be imported, except by src/${door}.`,
    severity: 'error',
    from: { path: inSource([types]), pathNot: inSource([door]) },
    to: { path: library(name), dependencyTypesNot: ['type-only'] },
  };
  return [rule, typesOnly];
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms,
    ...doors,
    {
      name: 'bridge-is-pure',
      comment: 'The bridge imports itself and zod: no node: modules, no I/O, no logger.',
      severity: 'error',
      from: { path: '^src/bridge/' },
      to: { pathNot: ['^src/', library('zod')] },
    },
    {
      name: 'sim-shares-types-only',
      comment:
        'The simulated Sonos side shares types with the product, never code: otherwise a misreading of Sonos would be made twice and every test would agree with it.',
      severity: 'error',
      from: { path: '^src/sim/' },
      to: { path: '^src/', pathNot: '^src/sim/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-shares-types-only',
      comment: 'The page knows what goes over the wire, and none of the code at its other end.',
      severity: 'error',
      from: { path: '^src/web/page/' },
      to: { path: '^src/', pathNot: '^src/web/page/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or a third is missing. Types count.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'A file that nobody imports and that imports nobody is dead.',
      severity: 'error',
      from: { path: '^src/', orphan: true },
      to: {},
    },
    {
      name: 'no-dev-dependency',
      comment: 'What the daemon needs stands in dependencies.',
      severity: 'error',
      // The page is bundled with what it needs.
      from: { path: '^src/', pathNot: '^src/web/page/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-unlisted-dependency',
      comment: 'What is imported stands in package.json, and can be found.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'no-tests-in-product',
      comment: 'The product imports its own files, libraries and Node, nothing beside src.',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: ['^src/', '(^|/)node_modules/'], dependencyTypes: ['local'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count as imports, and are told apart from those of code.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
