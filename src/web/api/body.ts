import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { isEncoded, readBytes } from '../../events/body.ts';
import { refuse } from './routes.ts';

/** The longest body of JSON that is read unless a route says otherwise, in bytes. */
const MAX_JSON_BYTES = 8_192;

const isJson = (request: Request): boolean =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';

/** JSON text of UTF-8, or undefined, which JSON cannot say. */
function parsed(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return value;
  } catch {
    return undefined;
  }
}

/** What the first thing is that a schema does not like, without the value: that may be a secret. */
function wrongPlace({ issues }: z.core.$ZodError): string {
  const [issue] = issues;
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? 'The value' : `"${path.slice(0, 60)}"`} is not what is expected here.`;
}

/**
 * Takes the body of a request in as it is, whatever its type, and hands it on; 413 when it is longer than `maxBytes` and
 * 415 when it is compressed.
 */
export function takeBody(
  maxBytes: number,
  use: (bytes: Uint8Array, request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return (request, response, next) => {
    if (isEncoded(request)) {
      return refuse(response, 415, 'encoded', 'The body is compressed.', 'Send it as it is.');
    }
    return readBytes(request, maxBytes, (body) => {
      if (body.ok) use(body.value, request, response).catch(next);
      else if (body.error === 'body_too_large') {
        refuse(response, 413, 'too_large', `The body is longer than ${maxBytes} bytes.`);
      }
      // Otherwise nobody is there any more to be answered.
    });
  };
}

/**
 * Takes JSON in, sent as `application/json`, and hands on what the schema reads: 415 for another type, which a page elsewhere could
 * send without asking; 413 when it is longer than `maxBytes`; 400 when it is no JSON or not what the schema expects.
 */
export function takeJson<T>(
  schema: z.ZodType<T>,
  use: (value: T, request: Request, response: Response) => Promise<void>,
  maxBytes: number = MAX_JSON_BYTES,
): RequestHandler {
  const take = takeBody(maxBytes, async (bytes, request, response) => {
    const value = parsed(bytes);
    if (value === undefined) return refuse(response, 400, 'invalid_json', 'The body is not JSON in UTF-8.');
    const read = schema.safeParse(value);
    if (!read.success) return refuse(response, 400, 'invalid_value', wrongPlace(read.error));
    return use(read.data, request, response);
  });
  return (request, response, next) => {
    if (isJson(request)) return take(request, response, next);
    return refuse(
      response,
      415,
      'not_json',
      'JSON is expected here.',
      'Send it with Content-Type: application/json.',
    );
  };
}
