/** For the help of each command: how it is called, and what comes of it. */
const EXAMPLES: Readonly<Record<string, readonly (readonly [call: string, what: string])[]>> = {
  check: [
    ['check gup-fast-vs-thp-collapse --bug', 'the interleaving without the fix'],
    ['check my-race.ts --arch all --kernel 7.3', 'your race on every profile'],
  ],
  matrix: [
    ['matrix dirty-cow', 'all forms, on every profile'],
    ['matrix --all --change my-change.ts', 'which verdicts your change turns'],
  ],
  merge: [
    ['merge shard-1.json shard-2.json', 'the tables of both'],
    ['merge shard-*.json --reporter junit=races.xml', 'and a report of all'],
  ],
  work: [
    ['work --queue redis://:secret@rack:6379', 'searches what others hand out'],
  ],
  attach: [
    ['attach 3f2a91c04d7e --queue redis://127.0.0.1:6379', 'a run whose terminal is gone'],
  ],
  history: [
    ['history fork-vs-pinned-page', 'since when it holds'],
    ['history dirty-cow --bug --arch arm64', 'the form without the fix'],
  ],
  hunt: [
    ['hunt --kernel 6.1 --budget 10m', 'scenes that nobody wrote'],
    ['hunt --revert 70cbc3cc78a9', 'what a commit was for'],
  ],
  list: [
    ['list races --oracle O6 --kernel 6.1', 'where writes may be lost'],
    ['list changes --format json', 'for programs'],
  ],
  explain: [
    ['explain gup_pte_range', 'a function, and what touches it'],
    ['explain 70cbc3cc78a9', 'a commit'],
  ],
  replay: [
    ['replay run.json', 'a run that check --trace saved'],
    ['replay run.json --steps all', 'each of its steps'],
  ],
  ui: [
    ['ui gup-fast-vs-thp-collapse --bug', 'step through it in the browser'],
    ['ui run.json', 'a run that check --trace saved'],
  ],
  gallery: [
    ['gallery site', 'a page for each race'],
    ['gallery site dirty-cow --arch x86-native', 'of one race'],
  ],
  litmus: [
    ['litmus --from gup-fast-vs-fork', 'what weak memory may do to a race'],
    ['litmus MP+polocks.litmus --model tso', 'a test under TSO'],
  ],
  vmsa: [
    ['vmsa coRT.litmus', 'a page-table test of arm64'],
    ['vmsa tests/ --ets2', 'many, with FEAT_ETS2'],
  ],
  fidelity: [
    ['fidelity recorded.jsonl', 'the model against what Linux did'],
    ['fidelity recorded.jsonl --kernel 7.3 --arch arm64', 'on another kernel'],
  ],
  init: [
    ['init my-race.ts', 'a race to start from'],
    ['init my-change.ts --template change', 'a change to the kernel'],
  ],
  complete: [
    ['complete bash >> ~/.bashrc', 'completion for bash'],
    ['complete fish > ~/.config/fish/completions/mmrace.fish', 'and for fish'],
  ],
}

/** The end of a command's help. */
export function examplesOf(command: string): string {
  const rows = (EXAMPLES[command] ?? []).flatMap(([call, what]) => [`  $ mmrace ${call}`, `      ${what}`])
  return rows.length === 0 ? '' : `\nExamples:\n${rows.join('\n')}`
}
