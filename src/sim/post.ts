import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Post } from './push.ts';

/** The network of the simulated cloud: real sockets, kept alive. */
export interface Network {
  readonly post: Post;
  close(): void;
}

/** Opens keep-alive agents; `close` ends their sockets. */
export function openNetwork(): Network {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });
  const post: Post = (url, headers, body, signal) =>
    new Promise((resolve, reject) => {
      const isSecure = url.startsWith('https:');
      const options = {
        method: 'POST',
        agent: isSecure ? https : http,
        headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
        signal,
      };
      const request = (isSecure ? httpsRequest : httpRequest)(url, options, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  return {
    post,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
