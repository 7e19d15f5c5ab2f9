import { eventually, type Observer } from './house.ts';

/** What an observer saw of announcements. */
export class Ear {
  readonly observer: Observer;

  constructor(observer: Observer) {
    this.observer = observer;
  }

  #said(room: string, part: string): Record<string, unknown>[] {
    return this.observer.messages
      .filter(({ topic }) => topic === `sonos/home/${room}/${part}`)
      .map(({ payload }) => JSON.parse(payload));
  }

  events(room: string, id: string): Record<string, unknown>[] {
    return this.#said(room, 'event').filter((event) => event.id === id);
  }

  stages(room: string, id: string): string[] {
    return this.events(room, id).map(({ status }) => String(status));
  }

  replies(room: string, id: string): string[] {
    return this.#said(room, 'reply')
      .filter((reply) => reply.id === id)
      .map(({ status }) => String(status));
  }

  /** Waits until it is told that one is so far, and gives the event. */
  async reaches(room: string, id: string, stage: string): Promise<Record<string, unknown>> {
    return eventually(
      () => this.events(room, id).find(({ status }) => status === stage),
      `${id} ${stage} in ${room}`,
      () => [this.stages(room, id), this.#said(room, 'reply')],
      20_000,
    );
  }
}
