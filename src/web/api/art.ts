import type { RequestHandler } from 'express';
import { apiByMethod } from './methods.ts';
import { type ApiPart, refuse } from './routes.ts';

/** A picture, of one of the types that are let through. */
export interface Picture {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Serves the pictures of what plays, by their ids; whoever knows no id of what is shown gets none. */
export function artPart(find: (id: string) => Promise<Picture | null>): ApiPart {
  const send: RequestHandler = async (request, response) => {
    const picture = await find(request.path.slice(1));
    if (picture === null)
      return refuse(response, 404, 'no_picture', 'There is no such picture at the moment.');
    response.set({ 'Content-Type': picture.type, 'Cache-Control': 'private, max-age=86400' });
    response.send(Buffer.from(picture.bytes.buffer, picture.bytes.byteOffset, picture.bytes.byteLength));
  };
  return (router) => {
    router.use('/art', apiByMethod({ GET: send, HEAD: send }));
  };
}
