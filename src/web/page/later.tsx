import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SessionView } from '../api/messages.ts';
import { ask } from './api.ts';
import { t } from './words.ts';

type View = () => JSX.Element;

const RETRY_MS = 2_000;

/**
 * A part of the page that is fetched when it is first shown, so that the house, which is shown most, comes at once. A
 * file that is not there while the bridge answers belongs to an older page: the page is then begun anew.
 */
export function later(load: () => Promise<View>): View {
  const loaded = signal<{ readonly View: View } | null>(null);
  async function fetchIt(retry: () => void): Promise<void> {
    try {
      loaded.value = { View: await load() };
    } catch {
      const answer = await ask<SessionView>('GET', 'api/session');
      if (answer.ok) location.reload();
      else retry();
    }
  }
  return function Later() {
    useEffect(() => {
      if (loaded.value !== null) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const begin = () => {
        void fetchIt(() => {
          timer = setTimeout(begin, RETRY_MS);
        });
      };
      begin();
      return () => clearTimeout(timer);
    }, []);
    const view = loaded.value;
    return view === null ? <p class="faint">{t('live.waiting')}</p> : <view.View />;
  };
}
