import { useEffect, useRef } from 'preact/hooks';
import { t } from '../words.ts';

interface Question {
  readonly title: string;
  readonly detail: string;
  /** What the button that does it says. */
  readonly action: string;
  readonly onYes: () => void;
  /** It is answered, or was left. */
  readonly onOver: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, detail, action, onYes, onOver }: Question) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-title" onClose={onOver}>
      <div class="stack">
        <h2 id="confirm-title">{title}</h2>
        <p class="faint">{detail}</p>
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            {t('setup.keep')}
          </button>
          <button
            type="button"
            class="button danger"
            onClick={() => {
              onYes();
              close();
            }}
          >
            {action}
          </button>
        </div>
      </div>
    </dialog>
  );
}
