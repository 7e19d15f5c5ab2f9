import type { RequestHandler, Response } from 'express';
import type { FindingView } from './messages.ts';
import { apiByMethod } from './methods.ts';
import { type ApiPart, refuse } from './routes.ts';

/** Makes the checks one after the other, and no more of them once the signal came. */
export type Examine = (signal: AbortSignal) => AsyncIterable<FindingView>;

/** `GET checks` makes the checks and answers each finding as it comes, one line of JSON each; one run at a time. */
export function checksPart(examine: Examine): ApiPart {
  let running: { readonly signal: AbortSignal; readonly ended: Promise<void> } | null = null;

  async function run(response: Response, signal: AbortSignal): Promise<void> {
    response.status(200).set('Content-Type', 'application/x-ndjson');
    response.flushHeaders();
    for await (const finding of examine(signal)) {
      if (signal.aborted) return;
      response.write(`${JSON.stringify(finding)}\n`);
    }
    response.end();
  }

  async function answer(response: Response): Promise<void> {
    // Who reads no more leaves room for the next, who may be the same person.
    while (running?.signal.aborted) await running.ended;
    if (running !== null) {
      response.set('Retry-After', '5');
      const message = 'The checks are being made already.';
      return refuse(response, 429, 'checks_running', message, 'Ask again when they have ended, in a minute.');
    }
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    const work = run(response, abort.signal);
    const ended = work
      .catch(() => {})
      .then(() => {
        running = null;
      });
    running = { signal: abort.signal, ended };
    return work;
  }

  return (router) => {
    const head: RequestHandler = (_request, response) => {
      response.set('Content-Type', 'application/x-ndjson').end();
    };
    const check: RequestHandler = (_request, response, next) => {
      answer(response).catch(next);
    };
    router.all('/checks', apiByMethod({ GET: check, HEAD: head }));
  };
}
