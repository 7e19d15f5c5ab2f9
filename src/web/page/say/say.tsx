import '../words/further.ts';
import '../setup/pieces.css';
import { locale } from '../health/locale.ts';
import { link, rooms } from '../live.ts';
import { SaidBoard } from './board.tsx';
import { Form } from './form.tsx';
import './say.css';
import { t } from '../words.ts';

/** Where something is said in the house. */
export function Say() {
  const able = Object.entries(rooms.value)
    .filter(([, room]) => room.capabilities.includes('audio_clip'))
    .sort(
      ([, a], [, b]) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name, locale.value),
    );
  return (
    <div class="stack say">
      <div>
        <h1>{t('say.title')}</h1>
        <p class="faint">{t('say.lead')}</p>
      </div>
      {able.length > 0 ? (
        <div class="sides">
          <Form able={able} />
          <SaidBoard />
        </div>
      ) : (
        <p class="card">{t(link.value === 'waiting' ? 'live.waiting' : 'say.no-rooms')}</p>
      )}
    </div>
  );
}
