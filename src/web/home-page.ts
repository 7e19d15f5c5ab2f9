import type { Forms } from './forms.ts';
import { type Markup, markup, nothing } from './markup.ts';
import { NAME, type Page, page } from './message-page.ts';
import type { WebAccount, WebHouse } from './options.ts';
import { stateRows } from './state-rows.ts';

const STATUS_WORDS: ReadonlyMap<string, string> = new Map([
  ['linked', 'linked'],
  ['needs_login', 'needs a new login'],
  ['unreachable', 'Sonos cannot be reached'],
]);

function standing(reasons: readonly string[]): Markup {
  if (reasons.length === 0) return markup`<p class="good" role="status">The bridge is ready.</p>`;
  return markup`<div class="bad" role="status"><p>The bridge is not ready:</p><ul>${reasons.map(
    (reason) => markup`<li>${reason}</li>`,
  )}</ul></div>`;
}

function accountItem({ id, status, households }: WebAccount): Markup {
  const names =
    households.length === 0
      ? markup`households not known yet`
      : markup`${households.map((household) => markup`<bdi>${household}</bdi> `)}`;
  return markup`<li><span>${names}<br><small>${STATUS_WORDS.get(status) ?? status}</small></span>
<form method="get" action="/unlink"><input type="hidden" name="account" value="${id}"><button>Unlink…</button></form></li>
`;
}

function accounts(all: readonly WebAccount[], canLogin: boolean): Markup {
  const list =
    all.length === 0
      ? markup`<p>No Sonos account is linked.</p>`
      : markup`<ul class="accounts">${all.map(accountItem)}</ul>`;
  const needed = all.length === 0 || all.some(({ status }) => status === 'needs_login');
  const link = canLogin
    ? markup`<p><a class="button ${needed ? 'primary' : ''}" href="/login" target="_top">${all.length === 0 ? 'Link account' : 'Link again or link another account'}</a></p>`
    : markup`<p class="bad">A login needs the key of an integration: set <code>sonos.client_id</code>, <code>sonos.client_secret</code> and <code>sonos.redirect_uri</code>, and start the bridge again.</p>`;
  return markup`<section><h2>Sonos account</h2>${list}${link}</section>`;
}

function paste(forms: Forms, redirectUri: string | null): Markup {
  const begins = redirectUri === null ? nothing : markup`, which begins with <code>${redirectUri}</code>,`;
  return markup`<section><h2>When the login does not come back</h2>
<p>After the login the browser may show an error instead of a page of the bridge, on another machine say. Copy the address that it shows then${begins} and paste it here within ten minutes after you have started.</p>
<form method="post" action="/login/paste">${forms.field}
<label for="address">Address after the login</label>
<input id="address" name="address" required maxlength="4096" autocomplete="off" spellcheck="false">
<button>Finish the login</button></form></section>`;
}

function address(name: string, value: string | null, missing: string): Markup {
  return markup`<dt>${name}</dt><dd>${value === null ? missing : markup`<code class="copy">${value}</code>`}</dd>`;
}

function addresses({ setup }: WebHouse): Markup {
  return markup`<section><h2>Addresses for the Sonos developer portal</h2>
<dl>${address('Redirect URI', setup.redirectUri, 'not set: sonos.redirect_uri')}
${address('Event Callback URL', setup.callbackUrl, 'not known: set callback.public_url')}</dl>
<p><small>Enter them at your integration letter by letter. The Event Callback URL is a secret.</small></p></section>`;
}

function stateTable(state: object): Markup {
  const rows = stateRows(state).map(
    ({ name, value }) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`,
  );
  return markup`<section><h2>State</h2><table>${rows}</table></section>`;
}

/** The page of the bridge, as it stands now. */
export function homePage(house: WebHouse, forms: Forms): Page {
  const canLogin = house.login !== null;
  return page(
    200,
    NAME,
    markup`${standing(house.notReady())}
${accounts(house.accounts(), canLogin)}
${addresses(house)}
${canLogin ? paste(forms, house.setup.redirectUri) : nothing}
${stateTable(house.state())}
<footer><a href="/">Refresh</a> <a href="/health/ready">Health</a> <a href="/metrics">Metrics</a></footer>`,
  );
}
