import type { SetupView, SetupWish } from '../../api/messages.ts';

/** What stands in the fields of the set-up. */
export interface SetupForm {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uri: string;
  readonly public_url: string;
}

export type SetupField = keyof SetupForm;

/** What the fields begin with; the secret is never shown. */
export const formOf = (setup: SetupView): SetupForm => ({
  client_id: setup.client_id.value ?? '',
  client_secret: '',
  redirect_uri: setup.redirect_uri.value ?? '',
  public_url: setup.public_url.value ?? '',
});

/**
 * The fields as they would be kept: a redirect URI that is only proposed, and that nobody has changed, moves behind the
 * public address while that is written.
 */
export function completed(form: SetupForm, setup: SetupView): SetupForm {
  const { value, from } = setup.redirect_uri;
  const isProposal = from === 'default' && value !== null && form.redirect_uri === value;
  const path = isProposal && URL.canParse(value) ? new URL(value).pathname : null;
  const moved = path === null ? null : callbackUrl(form.public_url, path);
  return moved === null ? form : { ...form, redirect_uri: moved };
}

/** What was changed, and may be: values from the settings stay theirs. A proposal that was shown is kept as it was shown. */
export function wishOf(form: SetupForm, setup: SetupView): SetupWish {
  const was = formOf(setup);
  const changed = (Object.keys(form) as SetupField[]).filter((field) => {
    const value = form[field].trim();
    const mayGo = field === 'public_url' || value !== '';
    const isNew = value !== was[field] || setup[field].from === 'default';
    return setup[field].from !== 'settings' && mayGo && isNew;
  });
  return Object.fromEntries(changed.map((field) => [field, form[field].trim()]));
}

/** An http or https address without a query; null when it is none. */
function plainAddress(text: string): URL | null {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.hash === '' ? url : null;
}

/** The fields that cannot be sent as they are, and what kind of thing is missing. */
export function problemsOf(
  form: SetupForm,
  setup: SetupView,
): Partial<Record<SetupField, 'missing' | 'address'>> {
  const hasSecret = setup.client_secret.is_set || form.client_secret.trim() !== '';
  const { client_id, redirect_uri, public_url } = form;
  return {
    ...(client_id.trim() === '' ? { client_id: 'missing' as const } : {}),
    ...(hasSecret ? {} : { client_secret: 'missing' as const }),
    ...(redirect_uri.trim() === ''
      ? { redirect_uri: 'missing' as const }
      : plainAddress(redirect_uri) === null
        ? { redirect_uri: 'address' as const }
        : {}),
    ...(public_url.trim() !== '' && plainAddress(public_url) === null
      ? { public_url: 'address' as const }
      : {}),
  };
}

/** Where Sonos sends events when the bridge is reached at this address; null when that is none. */
export function callbackUrl(publicUrl: string, path: string): string | null {
  const url = plainAddress(publicUrl);
  return url === null || url.search !== '' ? null : `${url.href.replace(/\/+$/, '')}${path}`;
}

/** How waiting for a restart stands. */
export interface Waiting {
  readonly was: 'setup' | 'house';
  readonly now: 'setup' | 'house' | null;
  /** Whether the bridge was silent meanwhile. */
  readonly wasAway: boolean;
  readonly waitedMs: number;
}

/** Without having been seen to leave, the bridge counts as new after this long. */
const SURELY_NEW_MS = 6_000;

/** Whether the bridge that answers is the new one, with a house. */
export function isBack({ was, now, wasAway, waitedMs }: Waiting): boolean {
  return now === 'house' && (was === 'setup' || wasAway || waitedMs >= SURELY_NEW_MS);
}
