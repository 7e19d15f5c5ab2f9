import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { t } from '../words.ts';
import { said } from './act.ts';
import { Sayings } from './sayings.tsx';

/** Which sheet is open, and for the group of which room. */
export const sheet = signal<{ readonly kind: 'music' | 'rooms' | 'more'; readonly room: string } | null>(
  null,
);

/** Closes the sheet that is open. */
export function closeSheet(): void {
  sheet.value = null;
}

interface Content {
  readonly title: string;
  readonly lead?: string;
  readonly children: ComponentChildren;
}

/** A dialog: at the foot of a phone, in the middle of anything wider. */
export function Sheet({ title, lead, children }: Content) {
  const place = useRef<HTMLDialogElement>(null);
  const [since] = useState(() => said.value.at(-1)?.id ?? 0);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = place.current;
    // The dialog itself is only hit beside its content, which fills it.
    const press = (event: MouseEvent) => event.target === dialog && closeSheet();
    dialog?.addEventListener('click', press);
    dialog?.showModal();
    return () => {
      // What opened it may have gone meanwhile, when the group has moved on the page.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      else document.getElementById('content')?.focus();
    };
  }, []);
  return (
    <dialog ref={place} class="sheet" aria-labelledby="sheet-title" onClose={closeSheet}>
      <div class="sheet-body">
        <header>
          <div>
            <h2 id="sheet-title">
              <bdi>{title}</bdi>
            </h2>
            {lead !== undefined && <small>{lead}</small>}
          </div>
          <button type="button" class="tool" aria-label={t('nav.close')} onClick={closeSheet}>
            <Icon name="close" />
          </button>
        </header>
        {children}
        <Sayings since={since} />
      </div>
    </dialog>
  );
}
