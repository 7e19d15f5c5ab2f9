import { createHash } from 'node:crypto';

/**
 * The style of the pages that say one thing, with the tokens of the big page. It stands in each of them: they are also
 * shown where nothing else is served, on the public listener.
 */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f4f2ee;
  --card: #fffefb;
  --ink: #1b1a18;
  --faint: #605c55;
  --line: #ddd9d1;
  --accent: #a8480a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111214;
    --card: #1a1c1f;
    --ink: #f2f0ec;
    --faint: #a5a29b;
    --line: #2e3135;
    --accent: #ffb26b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 100%/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { width: min(34rem, 100% - 2rem); margin: 1rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; margin: 0 0 .8rem; }
p, ul { margin: .6rem 0; color: var(--faint); }
bdi { overflow-wrap: anywhere; }
a { display: inline-block; margin-top: .6rem; padding: .55rem 1rem; border-radius: 999px; background: var(--ink); color: var(--card); text-decoration: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

/** Names that style, and no other, in a Content-Security-Policy. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
