import type { RequestHandler } from 'express';
import { byMethod } from '../respond.ts';
import { refuse } from './routes.ts';

/** Answers by method, and 405 to any that is not there, with those that are. */
export const apiByMethod = (handlers: Readonly<Record<string, RequestHandler>>): RequestHandler =>
  byMethod(handlers, (response, allowed) =>
    refuse(response, 405, 'wrong_method', `This address takes ${allowed} only.`),
  );
