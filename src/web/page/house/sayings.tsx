import { Icon } from '../icons.tsx';
import { t } from '../words.ts';
import { hush, said } from './act.ts';

/** What there is to say of commands that did not go as wished, behind the saying `since`. Confirmed ones have their tick, and no words. */
export function Sayings({ since = 0 }: { readonly since?: number }) {
  const shown = said.value.filter(({ id }) => id > since);
  return (
    <div class="sayings">
      {shown.map(({ id, kind, message, advice }) => (
        <div key={id} class={`saying ${kind}`} role={kind === 'failed' ? 'alert' : 'status'}>
          <Icon name="warning" />
          <p>
            <bdi>{message}</bdi>
            {advice !== null && (
              <small>
                <bdi>{advice}</bdi>
              </small>
            )}
          </p>
          <button type="button" class="tool small" aria-label={t('nav.close')} onClick={() => hush(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
