import { Component } from 'preact';
import { useState } from 'preact/hooks';
import type { TraceEntry } from '../../api/messages.ts';
import { trace } from '../live.ts';
import { t } from '../words.ts';
import { locale } from './locale.ts';
import { numberOf, timeOf } from './times.ts';
import { choicesOf, EVERYTHING, shownOf, type TraceFilter, toneOf, WRONG } from './trace-filter.ts';

const MOST = 300;
const KINDS: readonly TraceEntry['kind'][] = ['event', 'command', 'call', 'player'];

interface RowProps {
  readonly entry: TraceEntry;
  /** The language, in which the times are. */
  readonly tag: string;
}

/** Drawn once: an entry never changes, and there are hundreds. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.entry !== this.props.entry || next.tag !== this.props.tag;
  }
  override render({ entry, tag }: RowProps) {
    const { at, kind, what, detail, room, household, outcome, ms } = entry;
    return (
      <tr>
        <td class="time">
          <time dateTime={at}>{timeOf(at, tag)}</time>
        </td>
        <td class="kind">
          <span class={`kind-${kind}`}>{t(`trace.kind.${kind}`)}</span>
        </td>
        <td class="what">
          <code>{what}</code>
          {detail !== null && <small>{detail}</small>}
        </td>
        <td class="where">{room ?? household ?? '–'}</td>
        <td class={`outcome ${toneOf(outcome)}`}>{outcome}</td>
        <td class="ms">{ms === null ? '–' : `${numberOf(ms, tag)} ms`}</td>
      </tr>
    );
  }
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  /** Value and text. */
  readonly options: readonly (readonly [string, string])[];
  readonly onValue: (value: string) => void;
}

function Select({ label, value, options, onValue }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        <option value="">{t('trace.all')}</option>
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

const same = (text: string): readonly [string, string] => [text, text];

function Filter({ filter, all, onFilter }: FilterProps) {
  const { rooms, outcomes } = choicesOf(all);
  const set = (part: Partial<TraceFilter>) => onFilter({ ...filter, ...part });
  return (
    <div class="filter">
      <Select
        label={t('trace.kind')}
        value={filter.kind}
        options={KINDS.map((kind) => [kind, t(`trace.kind.${kind}`)])}
        onValue={(value) => set({ kind: KINDS.find((kind) => kind === value) ?? '' })}
      />
      <Select
        label={t('trace.where')}
        value={filter.room}
        options={rooms.map(same)}
        onValue={(room) => set({ room })}
      />
      <Select
        label={t('trace.outcome')}
        value={filter.outcome}
        options={[[WRONG, t('trace.wrong')], ...outcomes.map(same)]}
        onValue={(outcome) => set({ outcome })}
      />
      <label class="field">
        <span>{t('trace.text')}</span>
        <input
          type="search"
          value={filter.text}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
      </label>
    </div>
  );
}

interface FilterProps {
  readonly filter: TraceFilter;
  readonly all: readonly TraceEntry[];
  readonly onFilter: (filter: TraceFilter) => void;
}

const COLUMNS = ['time', 'kind', 'what', 'where', 'outcome', 'ms'] as const;

function Table({ entries }: { readonly entries: readonly TraceEntry[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="scroll tall" tabIndex={0} aria-label={t('trace.title')}>
      <table class="table trace">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class={column}>
                {t(`trace.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.seq} entry={entry} tag={locale.value} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What happened lately: events, commands and calls, newest first. */
export function Trace() {
  const [filter, setFilter] = useState(EVERYTHING);
  /** What was there when it was paused. */
  const [held, setHeld] = useState<readonly TraceEntry[] | null>(null);
  const all = held ?? trace.value;
  const entries = shownOf(all, filter, MOST);
  const tag = locale.value;
  return (
    <div class="card stack">
      <div class="row spread">
        <h2>{t('trace.title')}</h2>
        <div class="row">
          <button
            type="button"
            class="button small"
            aria-pressed={held !== null}
            onClick={() => setHeld(held === null ? trace.value : null)}
          >
            {t(held === null ? 'trace.pause' : 'trace.resume')}
          </button>
          <a class="button small" href="./api/trace" download aria-describedby="trace-download">
            {t('trace.download')}
          </a>
        </div>
      </div>
      <p class="hint" id="trace-download">
        {t('trace.download.hint')}
      </p>
      <Filter filter={filter} all={all} onFilter={setFilter} />
      <p class="hint" role="status">
        {t('trace.shown', { shown: numberOf(entries.length, tag), all: numberOf(all.length, tag) })}
      </p>
      {entries.length > 0 && <Table entries={entries} />}
    </div>
  );
}
