import type { CloudPorts } from './cloud-ports.ts';
import { createTargets, type Targets } from './cloud-targets.ts';
import { jsonResponse, type SimRequest, type SimResponse, splitPath } from './http.ts';
import type { Knobs } from './knobs.ts';
import type { Account, JsonObject } from './model.ts';
import { withoutObjectTypes } from './object-types.ts';
import { globalError, type Refusal } from './refusal.ts';
import { answer, type Reply } from './routes/route.ts';

/** The Control API as a plain function of the request. */
export type Cloud = (request: SimRequest) => SimResponse;

const MOST_HOUSEHOLDS = 4;

const UNAUTHORIZED: Readonly<Record<Knobs['unauthorizedShape'], JsonObject>> = {
  access_denied: { error: 'access_denied', error_description: 'Invalid Token' },
  token_expired: {
    fault: {
      faultstring: 'Access Token expired',
      detail: { errorcode: 'keymanagement.service.access_token_expired' },
    },
  },
  invalid_token: {
    fault: {
      faultstring: 'Invalid Access Token',
      detail: { errorcode: 'keymanagement.service.invalid_access_token' },
    },
  },
};

function readBody({
  body,
  headers,
}: SimRequest): { readonly body: JsonObject } | { readonly refusal: Refusal } {
  if (body.trim() === '') return { body: {} };
  const isJson = headers['content-type']?.toLowerCase().startsWith('application/json');
  if (!isJson)
    return { refusal: globalError(400, 'ERROR_INVALID_SYNTAX', 'Content-Type must be application/json.') };
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return { body: { ...parsed } };
  } catch {
    // Falls through: not JSON and not an object get the same answer.
  }
  return { refusal: globalError(400, 'ERROR_INVALID_SYNTAX', 'The body is not a JSON object.') };
}

function segments(pathname: string): string[] | null {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

function households(ports: CloudPorts, account: Account): Reply {
  const own = ports.world.households().filter(({ id }) => account.households.includes(id));
  const list = own.slice(0, MOST_HOUSEHOLDS).map(({ id, name }) => ({ _objectType: 'household', id, name }));
  return answer('households', { _objectType: 'households', households: list });
}

function respond(ports: CloudPorts, targets: Targets, account: Account, request: SimRequest): Reply {
  const { pathname, query } = splitPath(request.path);
  const parts = segments(pathname);
  if (parts === null) return globalError(400, 'ERROR_INVALID_SYNTAX', 'The path is not well encoded.');
  if (request.method === 'GET' && parts.length === 1 && parts[0] === 'households')
    return households(ports, account);
  const read = readBody(request);
  if ('refusal' in read) return read.refusal;
  return targets.call({ account, method: request.method, parts, query, body: read.body });
}

/** The Control API below `/control/api/v1`; `path` is what follows that. */
export function createCloud(ports: CloudPorts): Cloud {
  const targets = createTargets(ports);
  return (request) => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const account = token === undefined ? null : ports.accountOf(token);
    if (account === null) return jsonResponse(401, UNAUTHORIZED[ports.knobs.unauthorizedShape]);
    const excess = ports.quota.count();
    if (excess !== null) {
      const { body } = globalError(429, 'ERROR_TOO_MANY_REQUESTS', 'Rate limit exceeded.');
      return jsonResponse(429, body, excess.headers);
    }
    const { status, type, body } = respond(ports, targets, account, request);
    const shown = ports.knobs.objectTypes ? body : withoutObjectTypes(body);
    return jsonResponse(status, shown, { 'X-Sonos-Type': type });
  };
}
