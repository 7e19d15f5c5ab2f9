/** One sample of a metric. */
export interface Metric {
  /** With the prefix of the program; a counter's may end in `_total` or not. */
  readonly name: string;
  /** One sentence; the same for all samples of a name. */
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly value: number;
  /** Tells the samples of one name apart. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The media type of `openMetrics` (OpenMetrics 1.0.0, "Protocol Negotiation"). */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** A counter's family is named without the `_total` that its samples carry. */
const familyOf = ({ name, type }: Metric): string =>
  type === 'counter' ? name.replace(/_total$/, '') : name;

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!LABEL.test(name)) throw new TypeError(`"${name}" cannot be the name of a label.`);
    return `${name}="${escaped(value)}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.sort().join(',')}}`;
}

function familyText(name: string, samples: readonly Metric[]): string {
  const [first] = samples;
  if (first === undefined || !NAME.test(name))
    throw new TypeError(`"${name}" cannot be the name of a metric.`);
  const lines = new Map<string, string>();
  for (const { type, value, labels = {} } of samples) {
    if (type !== first.type) throw new TypeError(`The metric ${name} is both ${first.type} and ${type}.`);
    if (type === 'counter' && !(value >= 0)) throw new TypeError(`The counter ${name} is ${value}.`);
    const sample = `${name}${type === 'counter' ? '_total' : ''}${labelsText(labels)}`;
    if (lines.has(sample)) throw new TypeError(`The sample ${sample} is there twice.`);
    lines.set(sample, `${sample} ${numberText(value)}\n`);
  }
  return `# TYPE ${name} ${first.type}\n# HELP ${name} ${escaped(first.help)}\n${[...lines.values()].join('')}`;
}

/**
 * Writes metrics as OpenMetrics 1.0.0 text: the samples of a name together, in the order of first appearance. Throws
 * on what no scraper would accept, since that is a mistake in the program and not in its data.
 */
export function openMetrics(metrics: readonly Metric[]): string {
  const families = new Map<string, Metric[]>();
  for (const metric of metrics) {
    const family = families.get(familyOf(metric));
    if (family === undefined) families.set(familyOf(metric), [metric]);
    else family.push(metric);
  }
  return `${[...families].map(([name, samples]) => familyText(name, samples)).join('')}# EOF\n`;
}
