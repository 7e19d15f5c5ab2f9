import type { CloudPorts } from './cloud-ports.ts';
import type { Household } from './household.ts';
import { globalError } from './refusal.ts';
import { acknowledge, type Reply, type Routes } from './routes/route.ts';
import {
  GROUP_ID,
  groupKind,
  householdKind,
  type Kind,
  type ParsedCall,
  playerKind,
  sessionKind,
  unsupported,
} from './target-kinds.ts';

/** Finds the target of a call and runs the command on it. */
export interface Targets {
  call(call: ParsedCall): Reply;
}

function subscribe<Target>(ports: CloudPorts, kind: Kind<Target>, home: Household, call: ParsedCall): Reply {
  const [, target = '', namespace = ''] = call.parts;
  const key = { household: home.id, namespace, target };
  if (call.method === 'DELETE') {
    ports.subscriptions.remove(key);
    return acknowledge();
  }
  if (!ports.hasCallback())
    return globalError(403, 'ERROR_NO_PERMISSION', 'No event callback URL is registered.');
  ports.subscriptions.add(key, kind.targetType);
  ports.subscribed(home.id, namespace, target);
  return acknowledge();
}

/** `{}` stands for an id after the namespace. */
function findRoute<Target>(
  routes: Routes<Target>,
  method: string,
  namespace: string,
  rest: readonly string[],
) {
  const exact = routes[[`${method} ${namespace}`, ...rest].join('/')];
  return exact ?? (rest.length === 1 ? routes[`${method} ${namespace}/{}`] : undefined);
}

const knows = (routes: Routes<never>, namespace: string): boolean =>
  Object.keys(routes).some((key) => key.split(/[ /]/)[1] === namespace);

function callKind<Target>(ports: CloudPorts, kind: Kind<Target>, call: ParsedCall): Reply {
  const [, id = '', namespace = '', ...rest] = call.parts;
  const isSubscription = rest.length === 1 && rest[0] === 'subscription' && call.method !== 'GET';
  const found = kind.find(id, call);
  if ('status' in found) return found;
  const { home, target } = found;
  if (!knows(kind.routes, namespace) && !kind.subscribable.includes(namespace)) return unsupported(namespace);
  const refusal = kind.refuse(target, namespace);
  if (refusal !== null) return refusal;
  if (isSubscription && kind.subscribable.includes(namespace)) return subscribe(ports, kind, home, call);
  const route = findRoute(kind.routes, call.method, namespace, rest);
  if (route === undefined)
    return globalError(404, 'ERROR_UNSUPPORTED_COMMAND', 'The command is not supported.');
  return route({ home, target, id, body: call.body, query: call.query, item: rest[0] ?? '' });
}

/** `/households/{id}/groups/{groupId}/…` is a long form of `/groups/{groupId}/…`; namespaces may carry `:1`. */
function normalised(call: ParsedCall): ParsedCall {
  const isLong =
    call.parts[0] === 'households' && call.parts[2] === 'groups' && GROUP_ID.test(call.parts[3] ?? '');
  const [kind = '', id = '', namespace = '', ...rest] = isLong ? call.parts.slice(2) : call.parts;
  return { ...call, parts: [kind, id, namespace.replace(/:\d+$/, ''), ...rest] };
}

/** Everything that can be named in a path: households, groups, players, sessions. */
export function createTargets(ports: CloudPorts): Targets {
  const household = householdKind(ports);
  const group = groupKind(ports);
  const player = playerKind(ports);
  const session = sessionKind(ports);
  return {
    call(given) {
      const call = normalised(given);
      switch (call.parts[0]) {
        case 'households':
          return callKind(ports, household, call);
        case 'groups':
          return callKind(ports, group, call);
        case 'players':
          return callKind(ports, player, call);
        case 'playbackSessions':
        case 'sessions':
          return callKind(ports, session, call);
        default:
          return globalError(404, 'ERROR_UNSUPPORTED_COMMAND', 'There is no such path.');
      }
    },
  };
}
