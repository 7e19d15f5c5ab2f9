import type { Account } from './model.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

const STYLE = `
  body { font: 1.05rem/1.5 system-ui, sans-serif; margin: 12vh auto; max-width: 26rem; padding: 0 1rem; color: #222; }
  a { display: block; margin: .75rem 0; padding: .8rem 1rem; border-radius: .6rem; text-decoration: none; text-align: center; }
  .allow { background: #1f2937; color: #fff; } .deny { color: #555; border: 1px solid #ccc; }
  small { color: #666; }`;

/** The page on which a person allows the app, as one of the simulated accounts. */
export function loginPage(accounts: readonly Account[], query: URLSearchParams): string {
  const link = (name: string, value: string): string => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    return escaped(`/login/v3/oauth?${next}`);
  };
  const buttons = accounts.map(
    ({ id, name }) =>
      `<a class="allow" href="${link('allow', id)}">Sign in and allow<br><small>${escaped(name)}</small></a>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Simulated Sonos</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style></head>
<body>
<h1>Simulated Sonos</h1>
<p>An app would like to see and control the music in your home.</p>
${buttons.join('\n')}
<a class="deny" href="${link('deny', '1')}">Cancel</a>
<p><small>This is not Sonos. No password is asked for, no speaker is touched.</small></p>
</body>
</html>
`;
}
