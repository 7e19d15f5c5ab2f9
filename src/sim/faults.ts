import { jsonResponse, type SimRequest, type SimResponse, textResponse } from './http.ts';

/** What happens instead of the true answer. */
export type FaultAnswer =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** No answer, ever; not carried out. */
  | 'hang'
  /** Carried out, but the answer is lost: the connection breaks. */
  | 'lose-reply'
  /** The connection breaks before anything is carried out. */
  | 'refuse';

/** The next `times` requests that match get `answer`. */
export interface Fault {
  /** Part of the path, raw or decoded, or a pattern for it. */
  readonly match: string | RegExp;
  readonly method?: string;
  /** 1 when absent. */
  readonly times?: number;
  readonly answer: FaultAnswer;
}

const NOTHING: SimResponse = { status: 0, headers: {}, body: '', fate: 'lost' };

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Planned trouble. */
export class Faults {
  #planned: { fault: Fault; left: number }[] = [];

  plan(fault: Fault): void {
    this.#planned.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Answers the request: truly by `handle`, or as planned. */
  apply(request: SimRequest, handle: (request: SimRequest) => SimResponse): SimResponse {
    const answer = this.#take(request);
    if (answer === null) return handle(request);
    if (answer === 'hang') return { ...NOTHING, fate: 'hanging' };
    if (answer === 'refuse') return NOTHING;
    if (answer === 'lose-reply') return { ...handle(request), fate: 'lost' };
    const { status, body, headers } = answer;
    if (typeof body === 'string') return textResponse(status, 'text/plain', body, { ...headers });
    return jsonResponse(status, body ?? {}, headers);
  }

  #take({ method, path }: SimRequest): FaultAnswer | null {
    const planned = this.#planned.find(({ fault }) => {
      if (fault.method !== undefined && fault.method !== method) return false;
      const { match } = fault;
      return [path, decoded(path)].some((form) =>
        typeof match === 'string' ? form.includes(match) : form.search(match) >= 0,
      );
    });
    if (planned === undefined) return null;
    planned.left -= 1;
    if (planned.left <= 0) this.#planned = this.#planned.filter((other) => other !== planned);
    return planned.fault.answer;
  }
}
