import { locale } from '../health/locale.ts';
import { timeOf } from '../health/times.ts';
import { rooms } from '../live.ts';
import { t } from '../words.ts';
import { type InRoom, isUnderWay, reached, type Said, WAY } from './board.ts';
import { board, cancel } from './said.ts';

/** How far it has come, for the eye; the words beside it say the same. */
function Way({ at }: { readonly at: InRoom }) {
  const far = reached(at.stage);
  const isBad = at.error !== null;
  return (
    <span class={isBad ? 'way bad-way' : 'way'} aria-hidden="true">
      {WAY.map((stage, index) => (
        <i key={stage} class={index < far ? 'on' : ''} />
      ))}
    </span>
  );
}

function Room({ room, at }: { readonly room: string; readonly at: InRoom }) {
  return (
    <li class={`in-room ${at.stage}`}>
      <div class="row spread">
        <span class="clip">{rooms.value[room]?.name ?? room}</span>
        <span class="row">
          <Way at={at} />
          <span class={at.error !== null ? 'stage bad' : at.stage === 'done' ? 'stage good' : 'stage'}>
            {t(`say.stage.${at.stage}`)}
          </span>
        </span>
      </div>
      {at.error !== null && (
        <p class="hint" lang="en">
          {at.error.message} {at.error.advice}
        </p>
      )}
    </li>
  );
}

function Card({ said }: { readonly said: Said }) {
  return (
    <li class="card stack said">
      <div class="row spread head">
        <p class="said-words">
          {said.text === null ? t('say.chime.alone') : t('say.quoted', { text: said.text })}
        </p>
        <small>
          <time>{timeOf(new Date(said.at).toISOString(), locale.value)}</time>
        </small>
      </div>
      <ul class="in-rooms" aria-live="polite">
        {Object.entries(said.rooms).map(([room, at]) => (
          <Room key={room} room={room} at={at} />
        ))}
      </ul>
      {isUnderWay(said) && (
        <div class="row end">
          <button type="button" class="button small danger" onClick={() => void cancel(said)}>
            {t('say.cancel')}
          </button>
        </div>
      )}
    </li>
  );
}

/** What was said, and what becomes of it in each room. */
export function SaidBoard() {
  return (
    <section class="stack" aria-labelledby="said-title">
      <h2 id="said-title">{t('say.board')}</h2>
      {board.value.length === 0 ? (
        <p class="faint">{t('say.board.empty')}</p>
      ) : (
        <ul class="stack">
          {board.value.map((said) => (
            <Card key={said.id} said={said} />
          ))}
        </ul>
      )}
    </section>
  );
}
