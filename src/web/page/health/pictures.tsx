import { minutes } from '../live.ts';
import { t } from '../words.ts';
import { barsPath, COUNTERS, type Counter, sumOf, valuesOf } from './bars.ts';
import { locale } from './locale.ts';
import { now } from './ticking.ts';
import { numberOf } from './times.ts';

const WIDTH = 180;
const HEIGHT = 36;

/** What went wrong is drawn in the colour of trouble. */
const TROUBLE: ReadonlySet<Counter> = new Set(['failed', 'rejected', 'corrections']);

function Picture({ counter }: { readonly counter: Counter }) {
  const values = valuesOf(minutes.value, counter, now.peek());
  const { total, most } = sumOf(values);
  const tag = locale.value;
  const name = t(`health.count.${counter}`);
  const numbers = { name, total: numberOf(total, tag), most: numberOf(most, tag) };
  return (
    <li class={TROUBLE.has(counter) && total > 0 ? 'hour-picture trouble' : 'hour-picture'}>
      <p class="row spread">
        <span>{name}</span>
        <strong>{numbers.total}</strong>
      </p>
      <svg
        role="img"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-label={t('health.picture', numbers)}
      >
        <path class="ground" d={`M0 ${HEIGHT - 0.5}h${WIDTH}`} />
        <path d={barsPath(values, WIDTH, HEIGHT - 1)} />
      </svg>
      <small aria-hidden="true">{t('health.picture.most', numbers)}</small>
    </li>
  );
}

/** The last hour, minute by minute. */
export function Pictures() {
  return (
    <section class="card stack" aria-labelledby="hour-title">
      <h2 id="hour-title">{t('health.hour')}</h2>
      <ul class="hour-pictures">
        {COUNTERS.map((counter) => (
          <Picture key={counter} counter={counter} />
        ))}
      </ul>
    </section>
  );
}
