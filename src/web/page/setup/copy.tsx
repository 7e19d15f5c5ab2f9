import { useRef, useState } from 'preact/hooks';
import { t } from '../words.ts';

/** Selects a text, so that a person can copy it where the browser does not let a page do it. */
function select(element: HTMLElement): void {
  getSelection()?.selectAllChildren(element);
}

async function copy(text: string, element: HTMLElement): Promise<'copied' | 'selected'> {
  try {
    // Browsers have a clipboard for pages over https and on this machine only.
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    select(element);
    return document.execCommand('copy') ? 'copied' : 'selected';
  }
}

/** A text ready to copy, with what it is above it. */
export function Copy({ label, value }: { readonly label: string; readonly value: string }) {
  const code = useRef<HTMLElement>(null);
  const [told, setTold] = useState<'' | 'copied' | 'selected'>('');
  const onCopy = async () => {
    if (code.current === null) return;
    setTold(await copy(value, code.current));
    setTimeout(() => setTold(''), 4_000);
  };
  return (
    <div class="field">
      <span>{label}</span>
      <div class="copy">
        <code ref={code}>{value}</code>
        <button
          type="button"
          class="button small"
          aria-label={t('setup.copy.of', { what: label })}
          onClick={() => void onCopy()}
        >
          {t(told === 'copied' ? 'setup.copied' : 'setup.copy')}
        </button>
      </div>
      <span role="status" class={told === 'selected' ? 'hint' : 'unseen'}>
        {told === 'selected' ? t('setup.selected') : told === 'copied' ? t('setup.copied') : ''}
      </span>
    </div>
  );
}
