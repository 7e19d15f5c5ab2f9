import type { RequestHandler } from 'express';
import { OPEN_METRICS_TYPE, openMetrics } from './metrics.ts';
import type { WebHouse } from './options.ts';
import { reading } from './respond.ts';

/** Says that the program runs, to anybody who may reach it: it is what a container's health check asks. */
export const liveRoute: RequestHandler = reading((_request, response) => {
  response.json({ status: 'live' });
});

/** Says whether the bridge does its work, 503 with the reasons when it does not. */
export function readyRoute(house: WebHouse): RequestHandler {
  return reading((_request, response) => {
    const reasons = house.notReady();
    if (reasons.length === 0) response.json({ status: 'ready' });
    else response.status(503).json({ status: 'not ready', reasons });
  });
}

/** Shows the metrics to a scraper. */
export function metricsRoute(house: WebHouse): RequestHandler {
  return reading((_request, response) => {
    // As bytes: Express would spell the media type of a text in its own way.
    response.set('Content-Type', OPEN_METRICS_TYPE).send(Buffer.from(openMetrics(house.metrics())));
  });
}
