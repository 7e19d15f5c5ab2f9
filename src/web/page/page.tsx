import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SessionView } from '../api/messages.ts';
import { ask, whenClosed } from './api.ts';
import { alias, follow, households, leave, link, show } from './live.ts';
import { Access } from './views/access.tsx';
import { Health } from './views/health.tsx';
import { House } from './views/house.tsx';
import { Say } from './views/say.tsx';
import { SetUp } from './views/setup.tsx';
import { SignIn } from './views/sign-in.tsx';
import { choose, LANGUAGES, language, t } from './words.ts';

const PARTS = { house: House, say: Say, health: Health, setup: SetUp, access: Access } as const;
type Part = keyof typeof PARTS;
const NAMES: readonly Part[] = ['house', 'say', 'health', 'setup', 'access'];

const session = signal<SessionView | null>(null);
const part = signal<Part>('house');

function partOf(hash: string): Part {
  const name = hash.replace(/^#\/?/, '').split('/')[0] ?? '';
  return NAMES.find((each) => each === name) ?? (session.value?.mode === 'setup' ? 'setup' : 'house');
}

/** Asks how the page is entered, and begins to follow the house when it is open. */
async function enter(): Promise<void> {
  const was = session.value;
  const answer = await ask<SessionView>('GET', 'api/session');
  if (!answer.ok) {
    link.value = 'lost';
    setTimeout(() => void enter(), 2_000);
    return;
  }
  session.value = answer.value;
  const { open, mode } = answer.value;
  part.value = partOf(location.hash);
  if (!open || mode === 'setup') leave();
  else if (was === null || !was.open || was.mode === 'setup') follow(() => void look());
}

/** The stream broke: perhaps the session is over. */
async function look(): Promise<void> {
  const answer = await ask<SessionView>('GET', 'api/session');
  if (answer.ok) session.value = answer.value;
  if (answer.ok && (!answer.value.open || answer.value.mode === 'setup')) leave();
}

function Households() {
  if (households.value.length < 2) return null;
  return (
    <label class="choose">
      <span class="unseen">{t('house.choose')}</span>
      <select value={alias.value} onChange={(event) => show(event.currentTarget.value, () => void look())}>
        {households.value.map((each) => (
          <option key={each.alias} value={each.alias}>
            {each.name ?? each.alias}
          </option>
        ))}
      </select>
    </label>
  );
}

function Languages() {
  return (
    <fieldset class="languages">
      {Object.entries(LANGUAGES).map(([tag, { name }]) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          title={name}
          aria-pressed={language.value === tag}
          onClick={() => choose(tag)}
        >
          {tag.toUpperCase()}
        </button>
      ))}
    </fieldset>
  );
}

function Navigation({ names }: { readonly names: readonly Part[] }) {
  return (
    <nav aria-label={t('nav.label')}>
      {names.map((name) => (
        <a key={name} href={`#/${name}`} aria-current={part.value === name ? 'page' : undefined}>
          <svg class="icon" aria-hidden="true">
            <use href={`#icon-${name}`} />
          </svg>
          <span>{t(`nav.${name}`)}</span>
        </a>
      ))}
    </nav>
  );
}

/** The whole page. */
export function Page() {
  useEffect(() => {
    whenClosed(() => void enter());
    const turn = () => {
      part.value = partOf(location.hash);
      document.getElementById('content')?.focus();
    };
    addEventListener('hashchange', turn);
    void enter();
    return () => removeEventListener('hashchange', turn);
  }, []);
  if (session.value === null)
    return <p class="alone">{t(link.value === 'lost' ? 'live.lost' : 'live.waiting')}</p>;
  if (!session.value.open) return <SignIn onOpen={() => void enter()} />;
  const names = session.value.mode === 'setup' ? (['setup'] as const) : NAMES;
  const View = PARTS[part.value];
  return (
    <div class="frame">
      <a class="skip" href="#content">
        {t('nav.skip')}
      </a>
      <header>
        <Navigation names={names} />
        <Households />
        <Languages />
      </header>
      <main id="content" tabIndex={-1}>
        {link.value === 'lost' && (
          <p class="banner" role="status">
            {t('live.lost')}
          </p>
        )}
        <View />
      </main>
    </div>
  );
}
