import type { JSX } from 'preact';

/** Drawn by strokes in a square of 24; what is filled says so. */
const DRAWN = {
  house: <path d="M4 11 12 4.5 20 11v8.5h-5.5V14h-5v5.5H4z" />,
  say: <path d="M4 5.5h16v10.5H11l-4.5 4V16H4zM8 9.5h8M8 12.5h5" />,
  health: <path d="M3 12.5h4l2.5-6.5 4.5 12 2.5-5.5H21" />,
  setup: (
    <>
      <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
      <circle cx="16" cy="7" r="2.6" />
      <circle cx="8" cy="17" r="2.6" />
    </>
  ),
  access: (
    <>
      <rect x="5" y="11" width="14" height="9" rx="2.4" />
      <path d="M8 11V8a4 4 0 0 1 8 0v3" />
    </>
  ),
  play: (
    <path
      class="filled"
      d="M8 5.3v13.4a.8.8 0 0 0 1.2.7l10.6-6.7a.8.8 0 0 0 0-1.4L9.2 4.600A.8.8 0 0 0 8 5.300z"
    />
  ),
  pause: <path class="filled" d="M7.5 5h2.600v14H7.500zM13.9 5h2.600v14h-2.600z" />,
  next: (
    <path
      class="filled"
      d="M6 6.200v11.600a.7.7 0 0 0 1.1.6l8.4-5.800a.7.7 0 0 0 0-1.200L7.1 5.600a.7.7 0 0 0-1.1.6zM16.5 5.500h2v13h-2z"
    />
  ),
  previous: (
    <path
      class="filled"
      d="M18 6.200v11.600a.7.7 0 0 1-1.1.6l-8.4-5.800a.7.7 0 0 1 0-1.200l8.4-5.800a.7.7 0 0 1 1.1.6zM5.5 5.500h2v13h-2z"
    />
  ),
  shuffle: (
    <path d="M3.5 7h3.200c4.6 0 5 10 10 10h3.500M3.5 17h3.200c1.6 0 2.7-1.2 3.6-2.700M13 9.700C13.9 8.2 15 7 16.7 7h3.500M17.7 4.500l2.6 2.5-2.6 2.500M17.7 14.500l2.6 2.5-2.6 2.5" />
  ),
  repeat: (
    <path d="M4 11.500V10a3 3 0 0 1 3-3h12.500M16.8 4.3 19.5 7l-2.7 2.700M20 12.500V14a3 3 0 0 1-3 3H4.500M7.2 19.7 4.5 17l2.7-2.7" />
  ),
  once: (
    <path d="M4 11.500V10a3 3 0 0 1 3-3h12.500M16.8 4.3 19.5 7l-2.7 2.700M20 12.500V14a3 3 0 0 1-3 3H4.500M7.2 19.7 4.5 17l2.7-2.700M11 10.700l1.5-.9v4.4" />
  ),
  crossfade: <path d="M3 7h3c5 0 7 10 12 10h3M3 17h3c5 0 7-10 12-10h3" />,
  volume: (
    <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500zM15.5 9a4 4 0 0 1 0 6M18 6.500a7.5 7.5 0 0 1 0 11" />
  ),
  muted: <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500zM16 9.700l4.6 4.600M20.6 9.7 16 14.3" />,
  night: <path d="M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z" />,
  dialog: (
    <>
      <circle cx="9" cy="8.5" r="3.3" />
      <path d="M3 19c.6-3.6 2.9-5.3 6-5.300s5.4 1.7 6 5.300M16.5 7.500a4 4 0 0 1 0 4.500M19 5.500a7 7 0 0 1 0 8.5" />
    </>
  ),
  tv: <path d="M3.5 5.500h17v11h-17zM8.5 20h7" />,
  line_in: <path d="M12 3v4.500M9 7.500h6v5a3 3 0 0 1-6 0zM12 15.500V18a3 3 0 0 1-3 3H7" />,
  airplay: (
    <>
      <path d="M7 16.500H4v-11h16v11h-3" />
      <path class="filled" d="m12 13.5 5 6.500H7z" />
    </>
  ),
  alarm: (
    <>
      <circle cx="12" cy="13" r="7" />
      <path d="M12 9.500V13l2.5 1.800M4 6.5 6.8 4M20 6.5 17.2 4" />
    </>
  ),
  radio: (
    <>
      <circle cx="12" cy="12" r="1.7" />
      <path d="M8.5 15.500a5 5 0 0 1 0-7M15.5 8.500a5 5 0 0 1 0 7M5.7 18.300a9 9 0 0 1 0-12.600M18.3 5.700a9 9 0 0 1 0 12.6" />
    </>
  ),
  music: (
    <>
      <path d="M9 17.500V6l10-2v11.5" />
      <circle cx="6.6" cy="17.5" r="2.4" />
      <circle cx="16.6" cy="15.5" r="2.4" />
    </>
  ),
  speaker: (
    <>
      <rect x="6.5" y="3.5" width="11" height="17" rx="2.6" />
      <circle cx="12" cy="14.3" r="3" />
      <path d="M12 7.500h.01" />
    </>
  ),
  list: (
    <path d="M4 6.500h11M4 11.500h11M4 16.500h6M17.5 18V9.500l3.5 1.300M17.5 18a1.8 1.8 0 1 1-1.8-1.8 1.8 1.8 0 0 1 1.8 1.800z" />
  ),
  rooms: <path d="M4 4.500h7v7H4zM13.5 13h6.500v6.500h-6.500zM16.7 5v5.500M14 7.700h5.500M7.5 14v5.5" />,
  more: <path class="dots" d="M6 12h.01M12 12h.01M18 12h.01" />,
  down: <path d="m6.5 9.5 5.5 5.5 5.5-5.5" />,
  close: <path d="m6.5 6.5 11 11M17.5 6.500l-11 11" />,
  tick: <path d="m5.5 12.5 4.3 4.3 8.7-9.3" />,
  warning: <path d="M12 4 21 19.500H3zM12 10v4.500M12 17h.01" />,
  away: (
    <path d="M4 4l16 16M8.2 8.300v10.200a2 2 0 0 0 2 2h3.600a2 2 0 0 0 2-1.700M8.5 4.300a2 2 0 0 1 1.7-.8h3.600a2 2 0 0 1 2 2v7" />
  ),
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6" />
      <path d="m15 15 5 5" />
    </>
  ),
} satisfies Readonly<Record<string, JSX.Element>>;

/** The name of a drawing. */
export type IconName = keyof typeof DRAWN;

/** A small drawing beside words, or on a button that has a name of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {DRAWN[name]}
    </svg>
  );
}

/** The sign of the bridge, as on the tab of the browser. */
export function BrandSign() {
  return (
    <svg class="brand-sign" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M9 20v-6M14 23V9M19 20v-8M24 17v-2" />
    </svg>
  );
}
