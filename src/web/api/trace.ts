import type { RequestHandler } from 'express';
import type { BridgeView, MinuteView, TraceEntry } from './messages.ts';
import { apiByMethod } from './methods.ts';
import type { ApiPart } from './routes.ts';

/** What one can attach to a bug report: what ran, how it was, and what happened last; without secrets. */
export interface TraceDocument {
  readonly written_at: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly bridge: BridgeView;
  readonly households: readonly { readonly alias: string; readonly rooms: number }[];
  readonly minutes: readonly MinuteView[];
  /** Oldest first. */
  readonly trace: readonly TraceEntry[];
}

/** Offers the trace for download. */
export function tracePart(document: () => TraceDocument): ApiPart {
  const send: RequestHandler = (_request, response) => {
    const written = document();
    const day = written.written_at.replace(/[-:]|\.\d+/g, '');
    response.set('Content-Disposition', `attachment; filename="sonos-mqtt-bridge-trace-${day}.json"`);
    response.type('json').send(`${JSON.stringify(written, null, 2)}\n`);
  };
  return (router) => {
    router.all('/trace', apiByMethod({ GET: send, HEAD: send }));
  };
}
