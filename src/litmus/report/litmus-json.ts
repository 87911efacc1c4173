import type { LitmusReport } from '../run-litmus.js'

/** A report as plain data for `--format json`. */
export const litmusJson = (report: LitmusReport): Record<string, unknown> => ({
  test: report.test.name,
  model: report.model,
  verdict: report.verdict,
  quantifier: report.test.quantifier,
  condition: report.test.conditionText,
  observation: report.observation ?? null,
  ok: report.ok ?? null,
  states: report.counts?.states ?? null,
  witnesses: report.counts?.complete ? { positive: report.counts.positive, negative: report.counts.negative } : null,
  dataRace: report.counts?.dataRace ?? null,
  flags: report.counts?.flags ?? null,
  searchedStates: report.searched ?? null,
  execution: report.explanation?.drawing ?? null,
  forbiddenBy: report.explanation?.forbid ?? null,
  barriers: report.explanation?.needs ?? null,
})
