import { defineConfig } from 'vitest/config';

/** Takes the pictures of the page that the README shows (`npm run screenshots`). */
export default defineConfig({
  test: { include: ['test/browser/screenshots.ts'], testTimeout: 180_000, hookTimeout: 60_000 },
});
