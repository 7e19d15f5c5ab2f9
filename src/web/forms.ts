import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Random } from '../bridge/ports.ts';
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
const UNREADABLE = 'The form could not be read';

const readText = express.text({ type: TYPE, limit: MOST_BYTES, inflate: false });

const REFUSALS: ReadonlyMap<number, string> = new Map([
  [413, `The form is larger than ${MOST_BYTES} bytes. Paste the address alone.`],
  [415, `A form is expected here, sent as ${TYPE} and uncompressed. Use the bridge’s page.`],
]);

/** Refuses a body that could not be read; all else is for the next one. */
const refused: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status =
    typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
      ? error.status
      : 500;
  if (status < 400 || status > 499) return next(error);
  sendMessage(
    response,
    status,
    UNREADABLE,
    REFUSALS.get(status) ?? 'The form did not arrive whole. Send it again from the bridge’s page.',
  );
};

const textOf = (request: Request): string | null => {
  const body: unknown = request.body;
  return typeof body === 'string' ? body : null;
};

/**
 * Creates the forms, with a token that only the pages of this run hold: a second lock beside `judgeSite`, for
 * browsers that leave out the headers by which other sites are told.
 */
export function createForms(random: Random): Forms {
  const token = random.id();
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);

  async function answer(
    request: Request,
    response: Response,
    use: (fields: URLSearchParams) => Promise<void>,
  ) {
    const text = textOf(request);
    const fields = new URLSearchParams(text ?? '');
    if (text === null) {
      sendMessage(response, 415, UNREADABLE, REFUSALS.get(415) ?? '');
    } else if (timingSafeEqual(digest(fields.get(TOKEN) ?? ''), expected)) {
      await use(fields);
    } else {
      sendMessage(
        response,
        403,
        'This form is not valid any more',
        'It was not made by this run of the bridge, which may have started again meanwhile. Open the bridge’s page once more and repeat what you did.',
      );
    }
  }

  return {
    field: markup`<input type="hidden" name="${TOKEN}" value="${token}">`,
    taking: (use) => (request, response, next) => {
      readText(request, response, (error?: unknown) => {
        if (error) refused(error, request, response, next);
        else answer(request, response, (fields) => use(fields, response)).catch(next);
      });
    },
  };
}
