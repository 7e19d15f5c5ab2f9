import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { RequestHandler } from 'express';
import { reading, sendNo } from './respond.ts';

interface File {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What `npm run build` has made of the page, beside the built program; from the sources, what it made last. */
const here = dirname(fileURLToPath(import.meta.url));
const BUILT = here.includes(`${join('dist', 'web')}`)
  ? join(here, 'page')
  : join(here, '../../dist/web/page');

function load(folder: string): ReadonlyMap<string, File> {
  const files = new Map<string, File>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = TYPES[entry.name.split('.').at(-1) ?? ''];
    if (type === undefined) continue;
    const bytes = readFileSync(path);
    files.set(path.slice(folder.length), { type, bytes, gzipped: gzipSync(bytes, { level: 9 }) });
  }
  return files;
}

/**
 * Serves the page as it was built: a handful of files, read when somebody first asks and kept. Their names hold a
 * digest of what is in them, so browsers keep all but the first; anything else is handed on. They go compressed to
 * whoever takes them so: nothing secret is in them.
 */
export function pageFiles(folder: string = BUILT): RequestHandler {
  let files: ReadonlyMap<string, File> | null = null;
  const send: RequestHandler = reading((request, response, next) => {
    const path = request.path === '/' ? '/index.html' : request.path;
    const file = files?.get(path);
    if (file === undefined) return next();
    if (path !== '/index.html') response.set('Cache-Control', 'private, max-age=31536000, immutable');
    // What the page sends has to name its origin, and under `no-referrer` some browsers leave it out.
    else response.set('Referrer-Policy', 'same-origin');
    response.set({ 'Content-Type': file.type, Vary: 'Accept-Encoding' });
    // Asked for both, so that one who takes gzip unwillingly, or not at all, gets it as it is.
    if (request.acceptsEncodings('gzip', 'identity') !== 'gzip') return void response.send(file.bytes);
    response.set('Content-Encoding', 'gzip').send(file.gzipped);
  });
  return (request, response, next) => {
    if (request.path !== '/' && !request.path.startsWith('/assets/')) return next();
    try {
      files ??= load(folder);
    } catch {
      const message = 'The page has not been built. Run "npm run build" in the folder of the bridge.';
      return sendNo(response, 503, 'no_page', 'No page', message, null);
    }
    return send(request, response, next);
  };
}
