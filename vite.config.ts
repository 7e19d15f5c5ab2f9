import { defineConfig } from 'vite';

/** Builds the page of the private listener into what the package ships. */
export default defineConfig({
  root: 'src/web/page',
  // Relative, so that it also holds below a path that a proxy has put in front.
  base: './',
  publicDir: false,
  build: {
    outDir: '../../../dist/web/page',
    emptyOutDir: true,
    // Nothing inline, neither script nor picture: the content security policy lets none through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
  logLevel: 'warn',
});
