/** The style of all pages, in light and in dark. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: #f6f6f4;
  --card: #fff;
  --ink: #1c1d1f;
  --faint: #5c6066;
  --line: #dcdcd8;
  --accent: #1f5fbf;
  --on-accent: #fff;
  --good: #1b6e3a;
  --bad: #a3281c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161718;
    --card: #212325;
    --ink: #ececea;
    --faint: #a3a7ad;
    --line: #383b3f;
    --accent: #8ab4f8;
    --on-accent: #10161f;
    --good: #7fd29b;
    --bad: #ff9d92;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 1rem 0; }
p, ul, dl { margin: .5rem 0; }
a { color: var(--accent); }
small { color: var(--faint); }
.good { color: var(--good); }
.bad { color: var(--bad); }
code, bdi { overflow-wrap: anywhere; }
.copy { display: block; user-select: all; background: var(--ground); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: .2rem 0 0; }
.accounts { list-style: none; padding: 0; }
.accounts li { display: flex; gap: 1rem; justify-content: space-between; align-items: center; padding: .5rem 0; border-bottom: 1px solid var(--line); }
label { display: block; font-weight: 600; margin: .5rem 0 .2rem; }
input { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; }
#address { display: block; width: 100%; margin-bottom: .6rem; }
button, .button { display: inline-block; font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .9rem; text-decoration: none; cursor: pointer; }
.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
.danger { color: var(--bad); border-color: var(--bad); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 400; color: var(--faint); width: 45%; }
td { font-variant-numeric: tabular-nums; }
footer { display: flex; gap: 1rem; }
`;
