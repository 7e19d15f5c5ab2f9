import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Random } from '../bridge/ports.ts';
import { isEncoded, readBody } from '../events/body.ts';
import { type Markup, markup } from './markup.ts';
import { sendMessage } from './respond.ts';

/** The forms of our own pages. */
export interface Forms {
  /** The hidden field that every form has. */
  readonly field: Markup;
  /** Takes a form in and hands its fields on; one that is too large, no form, or not from a page of ours is refused. */
  taking(use: (fields: URLSearchParams, response: Response) => Promise<void>): RequestHandler;
}

const MOST_BYTES = 8_192;
const TYPE = 'application/x-www-form-urlencoded';
const TOKEN = 'token';

const REFUSALS = {
  413: `The form is larger than ${MOST_BYTES} bytes. Paste the address alone.`,
  415: `A form is expected here, sent as ${TYPE} and uncompressed. Use the bridge’s page.`,
} as const;

const refuse = (response: Response, status: keyof typeof REFUSALS): void =>
  sendMessage(response, status, 'The form could not be read', REFUSALS[status]);

const isForm = (request: Request): boolean =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === TYPE;

/**
 * Creates the forms, with a token that only the pages of this run hold: a second lock beside `judgeSite`, for
 * browsers that leave out the headers by which other sites are told.
 */
export function createForms(random: Random): Forms {
  const token = random.id();
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);

  async function answer(text: string, response: Response, use: (fields: URLSearchParams) => Promise<void>) {
    const fields = new URLSearchParams(text);
    if (timingSafeEqual(digest(fields.get(TOKEN) ?? ''), expected)) {
      await use(fields);
      return;
    }
    sendMessage(
      response,
      403,
      'This form is not valid any more',
      'It was not made by this run of the bridge, which may have started again meanwhile. Open the bridge’s page once more and repeat what you did.',
    );
  }

  return {
    field: markup`<input type="hidden" name="${TOKEN}" value="${token}">`,
    taking: (use) => (request, response, next) => {
      if (!isForm(request) || isEncoded(request)) return refuse(response, 415);
      readBody(request, MOST_BYTES, (body) => {
        if (body.ok) answer(body.value, response, (fields) => use(fields, response)).catch(next);
        else if (body.error === 'body_too_large') refuse(response, 413);
        // Otherwise nobody is there any more to be answered.
      });
    },
  };
}
