import type { RequestHandler, Response } from 'express';
import type { Forms } from './forms.ts';
import { markup } from './markup.ts';
import { type Page, page } from './message-page.ts';
import type { WebAccount, WebHouse } from './options.ts';
import { byMethod, sendFormPage, sendMessage, sendTo } from './respond.ts';

const noSuchAccount = (response: Response): void =>
  sendMessage(response, 404, 'No such account', 'This account is not linked, or not any more.');

function confirmPage(account: WebAccount, forms: Forms): Page {
  const count = account.households.length;
  const rooms = markup`<ul>${account.households.map((id) => markup`<li><bdi>${id}</bdi></li>`)}</ul>`;
  return page(
    200,
    'Unlink this account?',
    markup`<p>The bridge forgets its access to ${count === 1 ? 'this household' : 'these households'} and stops following the speakers there. To follow them again, somebody has to log in at Sonos again.</p>
${count === 0 ? markup`<p>Its households are not known yet.</p>` : rooms}
<form method="post" action="/unlink">${forms.field}
<input type="hidden" name="account" value="${account.id}">
<button class="danger">Unlink</button> <a class="button" href="/">Keep</a>
</form>`,
  );
}

/** Asks before an account is unlinked, and unlinks it. */
export function unlinkRoute(house: WebHouse, forms: Forms): RequestHandler {
  const ask: RequestHandler = (request, response) => {
    const id = new URLSearchParams(request.url.split('?')[1] ?? '').get('account');
    const account = house.accounts().find((each) => each.id === id);
    if (account === undefined) return noSuchAccount(response);
    sendFormPage(response, confirmPage(account, forms));
  };
  return byMethod({
    GET: ask,
    HEAD: ask,
    POST: forms.taking(async (fields, response) => {
      if (await house.unlink(fields.get('account') ?? '')) sendTo(response, 303, './');
      else noSuchAccount(response);
    }),
  });
}
