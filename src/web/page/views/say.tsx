import { link, rooms } from '../live.ts';
import { SaidBoard } from '../say/board.tsx';
import { Form } from '../say/form.tsx';
import '../say/say.css';
import { language, t } from '../words.ts';

/** Where something is said in the house. */
export function Say() {
  const able = Object.entries(rooms.value)
    .filter(([, room]) => room.capabilities.includes('audio_clip'))
    .sort(([, a], [, b]) => a.name.localeCompare(b.name, language.value));
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
