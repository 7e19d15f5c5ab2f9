import { skew } from '../clock.ts';
import { t } from '../words.ts';
import { act } from './act.ts';
import type { Room } from './groups.ts';
import { clockText, positionAt } from './progress.ts';
import { now, useTick } from './tick.ts';
import { useSlide } from './use-slide.ts';

/** What goes on by itself while a command is on its way, seconds. */
const DRIFT_S = 12;

/** Where the track is, moving by itself; a slider when the source lets it be sought. */
export function Progress({ lead }: { readonly lead: Room }) {
  const { view } = lead;
  useTick(view.state === 'playing' && view.position !== null);
  const duration = view.track?.duration ?? null;
  const canSeek = view.actions?.includes('seek') === true;
  const at = positionAt(view, (view.state === 'playing' ? now.value : Date.now()) - skew.value);
  const { value, handlers } = useSlide({
    actual: at,
    give: (seconds) => act(lead.address, view.name, 'seek', Math.round(seconds)),
    isLive: false,
    tolerance: DRIFT_S,
  });
  if (duration === null || duration <= 0 || value === null) return null;
  const [reached, end] = [clockText(value), clockText(duration)];
  return (
    <div class="progress">
      {canSeek ? (
        <input
          type="range"
          class="slider thin"
          min={0}
          max={Math.floor(duration)}
          value={Math.floor(value)}
          aria-label={t('play.in', { what: t('play.position'), room: view.name })}
          aria-valuetext={t('play.at', { at: reached, end })}
          style={{ '--part': String(value / duration) }}
          {...handlers}
        />
      ) : (
        <div class="bar" aria-hidden="true" style={{ '--part': String(value / duration) }} />
      )}
      <span class="times">
        <span>{reached}</span>
        <span>{end}</span>
      </span>
    </div>
  );
}
