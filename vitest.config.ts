import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests that measure time, or need the machine to themselves: one file after another, when all others are through. */
const ALONE = 'test/**/*.alone.test.ts';
/** A stage of its own (`npm run node-red`), and what such stages install. */
const APART = ['test/node-red/**', '**/node_modules/**'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // vitest leaves one core free by default, and most of these tests wait rather than reckon.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [ALONE, ...APART],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: [ALONE],
          exclude: APART,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Only with --coverage.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        lines: 95,
        statements: 95,
        functions: 95,
        branches: 90,
        'src/bridge/**': { lines: 100, statements: 100, functions: 100, branches: 100 },
      },
    },
  },
});
