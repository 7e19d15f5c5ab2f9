import { markup } from './markup.ts';
import { messagePage, type Page, page } from './message-page.ts';
import type { LoginResult } from './options.ts';

/** Reasons that are not the person's doing; for all others they can do something at once. */
const UNAVAILABLE = new Set(['unavailable', 'invalid_answer', 'wrong_credentials', 'not_saved']);

/** 200 when the account is linked, 400 when the login was not right, 503 when it could not be finished. */
export function loginStatus(result: LoginResult): 200 | 400 | 503 {
  if (result.ok) return 200;
  return UNAVAILABLE.has(result.error.reason) ? 503 : 400;
}

/**
 * The page that tells a person how their login ended, with the status of `loginStatus`. `home` is where the bridge's page is, null where it cannot be reached,
 * as on the public listener.
 */
export function loginResultPage(result: LoginResult, home: string | null = null): Page {
  if (!result.ok) {
    return messagePage(loginStatus(result), 'The account was not linked', result.error.message, home);
  }
  const { households, known } = result.value;
  const list =
    households.length === 0
      ? markup`<p>Sonos has not told its households yet; the bridge keeps asking.</p>`
      : markup`<p>Its households:</p><ul>${households.map((id) => markup`<li><bdi>${id}</bdi></li>`)}</ul>`;
  const lead = known
    ? 'This account was linked before; its access is renewed.'
    : 'The bridge may now follow and control its speakers.';
  const back =
    home === null
      ? markup`<p>You can close this page.</p>`
      : markup`<p><a href="${home}">To the bridge’s page</a></p>`;
  return page(200, 'The account is linked', markup`<p>${lead}</p>${list}${back}`);
}
