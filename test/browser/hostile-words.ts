import { NASTY } from '../e2e/hostile-names.ts';

/** What runs a script where text is taken for HTML, for an attribute, for an address, for a style or for a template. */
const WAYS = [
  '<script>HIT</script>',
  '<ScRiPt src=data:text/javascript,HIT></ScRiPt>',
  '<img src=x onerror="HIT">',
  '<svg onload=HIT>',
  '<svg><script>HIT</script></svg>',
  '<svg><animate onbegin=HIT attributeName=x dur=1s>',
  '<body onload=HIT>',
  '<iframe srcdoc="<script>parent.HIT</script>"></iframe>',
  '<iframe src="javascript:parent.HIT"></iframe>',
  '<object data="javascript:HIT"></object>',
  '<embed src="javascript:HIT">',
  '<details open ontoggle=HIT>',
  '<video><source onerror=HIT></video>',
  '<input autofocus onfocus=HIT>',
  '<select autofocus onfocus=HIT></select>',
  '<math><mtext><table><mglyph><style><img src=x onerror=HIT>',
  '<a href="javascript:HIT">music</a>',
  '<form action="javascript:HIT"><button>play</button></form>',
  '<link rel=stylesheet href="data:text/css,*{color:red}">',
  '<meta http-equiv=refresh content="0;url=javascript:HIT">',
  '<base href="//elsewhere.example/">',
  '<style>@import "//elsewhere.example/x.css";</style>',
  '"><img src=x onerror=HIT>',
  "'><img src=x onerror=HIT>",
  '" onmouseover="HIT" autofocus onfocus="HIT" x="',
  "' onfocus='HIT' autofocus x='",
  '`onerror=HIT`',
  '</title><script>HIT</script>',
  '</textarea><script>HIT</script>',
  '</style><script>HIT</script>',
  '</script><script>HIT</script>',
  '--><script>HIT</script>',
  ']]><script>HIT</script>',
  'javascript:HIT',
  'data:text/html,<script>HIT</script>',
  '&lt;img src=x onerror=HIT&gt;',
  '&#60;script&#62;HIT&#60;/script&#62;',
  '\\u003cscript\\u003eHIT\\u003c/script\\u003e',
  '{{constructor.constructor("HIT")()}}',
  '$' + '{HIT}',
  '__proto__',
  '{"__proto__":{"hit":1}}',
  '%3Cscript%3EHIT%3C/script%3E',
  'url(javascript:HIT)',
  '\u0000<script>HIT</script>',
  '<<script>script>HIT<</script>/script>',
] as const;

/** How each of them may come. */
const FRAMES: readonly ((way: string) => string)[] = [
  (way) => way,
  (way) => `Kitchen ${way}`,
  (way) => `${way}${'W'.repeat(120)}`,
  (way) => `\u202E${way.toUpperCase().replaceAll('HIT', 'hit')}`,
];

/**
 * More than 200 names and titles as nobody gives them: each that could run leaves its number in `window.hits`. The
 * last ones are those at which readers, topics and layouts stumble.
 */
export const HOSTILE: readonly string[] = [
  ...FRAMES.flatMap((frame) => WAYS.map(frame)),
  ...NASTY,
  'W'.repeat(300),
  '\u0301'.repeat(200),
  '﷽'.repeat(30),
  'line\nbreak\r\nand\ttab',
].map((text, index) =>
  text
    .replaceAll('HIT', `(window.hits=window.hits||[]).push(${index})`)
    .replaceAll('hit', `window.hits=[${index}]`),
);
