import { BlockList, isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { isLoopback } from './host-names.ts';
import { framedBySameOrigin, sendNo } from './respond.ts';

const HEALTH = new Set(['/health/live', '/health/ready']);

/** Whether an address is this one, also as IPv6 writes an IPv4 address (`::ffff:172.30.32.2`). */
function createAddressTest(expected: string): (address: string) => boolean {
  const only = new BlockList();
  only.addAddress(expected, isIP(expected) === 6 ? 'ipv6' : 'ipv4');
  return (address) => {
    const family = isIP(address);
    return family !== 0 && only.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/**
 * Answers nobody but the ingress, a proxy that has asked people who they are and shows the page in a frame of its own:
 * 403 otherwise. Health is told to this machine, too. Names are not looked at: the ingress passes on the one under which
 * it was asked itself, whatever that is, and no page elsewhere can point a browser at us.
 */
export function guardIngress(address: string): RequestHandler {
  const isIngress = createAddressTest(address);
  return (request, response, next) => {
    const peer = request.socket.remoteAddress ?? '';
    if (isIngress(peer)) {
      framedBySameOrigin(response);
      return next();
    }
    if (isLoopback(peer) && HEALTH.has(request.path)) return next();
    sendNo(
      response,
      403,
      'not_from_here',
      'Not from here',
      'This page is open to Home Assistant only. Open it there: Settings, Add-ons, this add-on, Open Web UI.',
    );
  };
}
