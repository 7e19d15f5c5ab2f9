import { signal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SessionView } from '../api/messages.ts';
import { ask, whenClosed } from './api.ts';
import { isHeard } from './house/groups.ts';
import { whatPlays } from './house/what-plays.ts';
import { BrandSign, Icon } from './icons.tsx';
import { alias, follow, households, leave, link, rooms, show } from './live.ts';
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
  if (session.value?.mode === 'setup') return 'setup';
  const name = hash.replace(/^#\//, '').split('/')[0] ?? '';
  return NAMES.find((each) => each === name) ?? 'house';
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
  if (!answer.ok) return;
  session.value = answer.value;
  part.value = partOf(location.hash);
  if (!answer.value.open || answer.value.mode === 'setup') leave();
}

function Households() {
  if (households.value.length < 2) return null;
  return (
    <label class="household">
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
      <legend class="unseen">{t('nav.language')}</legend>
      {Object.entries(LANGUAGES).map(([tag, { name }]) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          title={name}
          aria-label={`${tag.toUpperCase()} – ${name}`}
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
          <Icon name={name} />
          <span>{t(`nav.${name}`)}</span>
        </a>
      ))}
    </nav>
  );
}

/** The title of the window: what plays, or which part is shown. */
function titleNow(): string {
  const playing = Object.values(rooms.value).find(isHeard);
  const title = playing && part.value === 'house' ? whatPlays(playing).title : null;
  const first = title === null ? t(`nav.${part.value}`) : `${title.slice(0, 80)} · ${playing?.name ?? ''}`;
  return `${first} – Sonos MQTT Bridge`;
}

/** The focus goes to the content, but not the address: what stands behind its `#` names the part. */
function skip(): void {
  document.getElementById('content')?.focus();
}

function Frame({ mode }: { readonly mode: SessionView['mode'] }) {
  const View = PARTS[part.value];
  return (
    <div class="frame" data-mode={mode}>
      <button type="button" class="skip" onClick={skip}>
        {t('nav.skip')}
      </button>
      <header>
        <p class="brand">
          <BrandSign />
          <span>Sonos MQTT Bridge</span>
        </p>
        <Navigation names={mode === 'setup' ? ['setup'] : NAMES} />
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

/** The whole page. */
export function Page() {
  useEffect(() => {
    whenClosed(() => void enter());
    const turn = () => {
      if (location.hash !== '' && !location.hash.startsWith('#/')) return;
      part.value = partOf(location.hash);
      scrollTo(0, 0);
      document.getElementById('content')?.focus({ preventScroll: true });
    };
    addEventListener('hashchange', turn);
    void enter();
    return () => removeEventListener('hashchange', turn);
  }, []);
  useSignalEffect(() => {
    document.title = titleNow();
  });
  if (session.value === null)
    return <p class="alone">{t(link.value === 'lost' ? 'live.lost' : 'live.waiting')}</p>;
  if (!session.value.open)
    return <SignIn needsPassword={session.value.needs_password} onOpen={() => void enter()} />;
  return <Frame mode={session.value.mode} />;
}
